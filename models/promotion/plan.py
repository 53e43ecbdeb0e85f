"""What a promotion would do: hashes, consent, evaluation and gates are checked, and nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.bundle import About, verify
from models.bundle.manifest import DamagedBundleError, read_bundle
from models.evidence import Figure, evidence_path
from models.promotion.gates import Gate, Table, check_gates
from models.promotion.refusal import PromotionError

Gates = tuple[Mapping[str, object], ...]


@dataclass(frozen=True)
class Request:
    """Who asks for what: the bundle folder, the person, the reason, the instant, and consent to a demonstration.

    `account` is the account of the machine from which it was asked.
    """

    bundle: Path
    by: str
    reason: str
    at: datetime
    demo: bool = False
    account: str = ""


@dataclass(frozen=True)
class Plan:
    """What a promotion would do: the bundle's name and hash, the champion before, and what every gate says."""

    name: str
    sha256: str
    before: str | None
    gates: Gates
    simulated: bool = False

    @property
    def failed(self) -> tuple[str, ...]:
        """The gates that failed, each with the score it failed for."""
        return tuple(f"{gate['score']} {gate['gate']}" for gate in self.gates if not gate["passed"])


def plan(home: Path, request: Request, *, gates: Sequence[Gate] = (), demo_allowed: bool = True) -> Plan:
    """Check hashes, consent and evaluation, hold the gates, then load the bundle in a child process; change nothing.

    The gates of the evaluation count, and so do `gates`, which are held
    against what was measured then: an evaluation with weaker gates opens no door.

    Raises
    ------
    PromotionError
        BUNDLE_DAMAGED, NOT_EVALUATED, NO_GATES, or NEEDS_APPROVAL for a bundle
        trained on simulated data without consent to a demonstration, or in the
        service of a court.
    """
    with refusing_damage():
        document, files, sha256 = read_bundle(request.bundle)
    about = About.from_json(document)
    consented(about, demo=request.demo, allowed=demo_allowed)
    held = held_gates(home, sha256, gates, scores=scores_in(files))
    with refusing_damage():
        verify(request.bundle)
    return Plan(about.name, sha256, champion(home), held, simulated=about.simulated)


def consented(about: About, *, demo: bool, allowed: bool) -> None:
    """Refuse a bundle that has seen no real case, but for a demonstration that this installation allows.

    Raises
    ------
    PromotionError
        NEEDS_APPROVAL.
    """
    if not about.simulated or (demo and allowed):
        return
    zh, en = f"模型包 {about.name} 由模拟数据训练", f"bundle {about.name} was trained on simulated data"
    if demo:
        zh, en = (
            f"{zh}，本院 promotion.toml 不允许演示",
            f"{en}, and promotion.toml of this court allows no demonstration",
        )
    raise PromotionError("NEEDS_APPROVAL", zh, en)


def champion(home: Path) -> str | None:
    """Return the name of the bundle that answers now, None where none was promoted."""
    current = home / "bundles" / "current"
    return current.read_text(encoding="utf-8").strip() if current.is_file() else None


def evaluation_path(home: Path, sha256: str) -> Path:
    """Return where the evaluation of a bundle is kept."""
    return evidence_path(home, sha256)


def evaluation_of(home: Path, sha256: str) -> dict[str, Any]:
    """Return the evaluation of a bundle, found by its hash.

    Raises
    ------
    PromotionError
        NOT_EVALUATED: there is none.
    """
    path = evaluation_path(home, sha256)
    if not path.is_file():
        zh = f"没有模型包 {sha256[:12]} 的评估记录"
        raise PromotionError("NOT_EVALUATED", zh, f"there is no evaluation of bundle {sha256[:12]}")
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path.name) from error
    return found


def tables_of(evaluation: Mapping[str, Any]) -> dict[str, Table]:
    """Return the estimates of a kept evaluation, by score, method and measure."""
    return {
        score: {
            method: {name: Figure(**one) for name, one in estimates.items()}
            for method, estimates in report["methods"].items()
        }
        for score, report in evaluation.get("scores", {}).items()
    }


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Turn a damaged bundle into a refusal."""
    try:
        yield
    except DamagedBundleError as error:
        raise PromotionError("BUNDLE_DAMAGED", f"{error.file}：{error.zh}", f"{error.file}: {error.en}") from error


def held_gates(home: Path, sha256: str, gates: Sequence[Gate], *, scores: AbstractSet[str] = frozenset()) -> Gates:
    """Return what every gate says of a bundle by its kept evaluation: those it was held to then, and `gates` now.

    Raises
    ------
    PromotionError
        NOT_EVALUATED: there is no evaluation, it cannot be read, or lacks one of the `scores`. NO_GATES.
    """
    evaluation = evaluation_of(home, sha256)
    try:
        missing = sorted(scores - set(evaluation["scores"])) if "scores" in evaluation else []
        held = [*evaluation["gates"], *(asdict(one) for one in check_gates(gates, tables_of(evaluation)))]
        once: dict[tuple[str, str, str], Mapping[str, object]] = {}
        for gate in held:
            # Of one gate that was held twice, the failure stands.
            key = (gate["gate"], gate["score"], gate["asked"])
            once[key] = gate if key not in once or not gate["passed"] else once[key]
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable(evidence_path(home, sha256).name) from error
    if missing:
        zh = f"评估记录缺少分数 {'、'.join(missing)}"
        raise PromotionError("NOT_EVALUATED", zh, f"the evaluation lacks {', '.join(missing)}")
    if not once:
        raise PromotionError("NO_GATES", "没有任何关口", "there is no gate at all")
    return tuple(once.values())


def _unreadable(name: str) -> PromotionError:
    return PromotionError("NOT_EVALUATED", f"评估记录 {name} 无法读取", f"the evaluation {name} cannot be read")


def scores_in(files: Iterable[str]) -> set[str]:
    """Return the scores of a bundle by the names of its files."""
    parts = [name.split("/") for name in files]
    return {f"{one[0]}.{one[1]}" for one in parts if len(one) == 3 and one[2] == "score.json"}
