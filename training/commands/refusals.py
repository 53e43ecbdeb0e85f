"""What `fenliu explain` does."""

from __future__ import annotations

from training import presenting
from training.commands.session import DONE, Session
from training.errors import CommandError, refusals


def explain(session: Session, *, code: str) -> int:
    """Say what a code means and what to do about it."""
    found = refusals().get(code.upper())
    if found is None:
        raise CommandError("NOT_FOUND", f"没有代码 {code!r}", f"there is no code {code!r}")
    session.console.show(presenting.of_refusal(found))
    return DONE
