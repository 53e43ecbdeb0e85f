"""What a suggestion leaves behind: the draft, its evidence in both languages, figures, and where all of it is from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from training.console import Console, Form, Lang, Result
from training.run_folder import Grounds, write_run
from training.suggesting.draft import write_draft
from training.suggesting.results import SuggestResults
from training.suggesting.suggestion import Suggestion


def write_suggestion(
    found: Suggestion, run: Path, *, console: Console, options: Mapping[str, object], day: date
) -> tuple[Result, Path]:
    """Write everything into the folder of the run; return what is shown, and where the draft is.

    The evidence is written in both languages, whichever is spoken: a draft is
    signed by people, and read by others.
    """
    lang = console.lang
    version = f"draft-{day:%Y%m%d}"
    notes = SuggestResults(found, Lang.ZH).notes()
    draft = write_draft(found, run / "draft", version=version, notes=notes)
    extra = {"run": str(run), "draft": str(draft), **options}
    result = SuggestResults(found, lang).result(extra)
    grounds = Grounds(options=options, history=found.asked.history, tables={"rules": found.asked.rules})
    write_run(run, result, grounds, console=console, title=("阈值建议及证据", "suggested thresholds and evidence"))
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    with (run / f"report.{other}.md").open("w", encoding="utf-8") as file:
        Console(lang=other, form=Form.MD, out=file).show(SuggestResults(found, other).result(extra))
    return result, draft
