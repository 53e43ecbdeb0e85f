"""What is asked of the court's own log-in service, whichever it is: where to send people, and who came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class SignOnError(RuntimeError):
    """The log-in service could not be asked, or what came back proves nobody's identity; `why` is for the trail."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Callback:
    """What the browser brought back: the query of the address, and our own sealed note."""

    state: str
    code: str
    issuer: str
    error: str
    note: str | None


class SignOn(Protocol):
    """The court's log-in service (`serving.identity.single_sign_on`)."""

    def begin(self) -> tuple[str, str]:
        """Return the address to go to, and the note to bring back; raise SignOnError if nobody can go there now."""

    def number(self, callback: Callback) -> str:
        """Return the number by which the log-in service knows the person; raise SignOnError if anything is wrong."""
