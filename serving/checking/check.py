"""Can the service start here? One line a part, in the order in which a worker opens them, then what surrounds it."""

from __future__ import annotations

import os
from collections.abc import Callable

from serving.checking.parts import keys, model, rules, store, trail
from serving.checking.surroundings import clock, disk, fonts, kept_by_a_source, names
from serving.opening import now
from serving.settings import Settings


def check(settings: Settings, say: Callable[[str], None]) -> int:
    """Check every part, say what was found, and return the exit code."""
    findings = [
        names(os.environ),
        keys(settings),
        store(settings),
        trail(settings),
        rules(settings),
        model(settings, today=now().date()),
        clock(settings, now(), synchronised=kept_by_a_source()),
        disk(settings),
        fonts(),
    ]
    for finding in findings:
        say(str(finding))
    return max(finding.status for finding in findings)
