"""What `fenliu score` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from features.register import Stage, load_register
from training import presenting
from training.commands.session import DONE, REJECTED, Session, load_bundle, refusing_bad_data, stages_of
from training.errors import CommandError
from training.history import History
from training.rule_tools.tables.opening import open_table
from training.scoring import Scorer
from training.scoring.input import Batch, Reject, batches_of_history, batches_of_lines
from training.scoring.output import form_of, write_scored


def score(session: Session, *, source: Path, model: str, stage: str, rules: Path | None, explain: int) -> int:
    """Score a file of cases, or a history, into a file."""
    out = session.out or Path("scores.ndjson")
    bundle = None if model == "none" else load_bundle(session.home.find_bundle(model))
    simulated = source.is_dir() and History.open(source).simulated
    scorer = Scorer(bundle=bundle, rules=open_table(rules), explain=explain, simulated=simulated)
    rejects: list[Reject] = []
    with refusing_bad_data(), session.console.step("评分", "scoring", total=1) as advance:
        batches = _batches(session, source, stages_of(stage)[0], rejects)
        count = write_scored((scorer.score(batch) for batch in batches), out, form_of(out))
        advance()
    for reject in rejects[:20]:
        why = "; ".join(reject.reasons)
        session.console.warn(f"第 {reject.line} 行未评分：{why}", f"line {reject.line} was not scored: {why}")
    session.console.show(presenting.of_scoring(count, rejects, out, bundle, simulated=simulated))
    return REJECTED if rejects else DONE


def _batches(session: Session, source: Path, stage: Stage, rejects: list[Reject]) -> Iterator[Batch]:
    if source.is_dir():
        return batches_of_history(source, stage)
    if not source.is_file():
        raise CommandError("NOT_FOUND", f"没有输入 {source}", f"no input {source}")
    return batches_of_lines(source, register=load_register(), now=session.now, rejects=rejects)
