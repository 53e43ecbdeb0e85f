"""What a promotion or a rollback is refused for: a code that does not change, and words in both languages."""

from __future__ import annotations


class PromotionError(Exception):
    """A step cannot be taken; nothing was changed, but where the words say that a request is over."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"[{code}] {zh} / {en}")
        self.code, self.zh, self.en = code, zh, en
