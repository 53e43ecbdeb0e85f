"""Who may let a bundle answer: gates of the court, two people, the expected champion, and nothing half after a kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from models.bundle import promotions
from models.bundle.manifest import read_bundle
from models.promotion import signing
from models.promotion.court_policy import CourtPolicy, Signer
from models.promotion.gates import Gate
from models.promotion.plan import Plan, Request, champion, evaluation_path, plan
from models.promotion.refusal import PromotionError
from models.promotion.switching import earlier, promote, roll_back
from tests.builders_models import tiny_bundle
from tests.builders_training import NOW, silent
from training.commands import promotion
from training.commands.session import Session
from training.errors import CommandError
from training.provenance import Home, write_json

PASSED = {"gate": "g", "score": "A.ability", "measure": "auc", "found": 0.7, "asked": "≥ 0.6", "passed": True}
ESTIMATE = {"value": 0.7, "lower": 0.6, "upper": 0.8}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return an empty home."""
    return Home(tmp_path / "home")


def made(home: Home, name: str, *, seed: int = 1) -> tuple[Path, str]:
    """Return a small simulated bundle that was evaluated and passed."""
    sha256 = read_bundle(tiny_bundle(home.path / "made", name, seed=seed))[2]
    write_json(evaluation_path(home.path, sha256), {"gates": [PASSED]})
    return home.path / "made" / name, sha256


def asked(bundle: Path, *, by: str = "王主任", account: str = "wang") -> Request:
    """Return a request for a demonstration."""
    return Request(bundle=bundle, by=by, reason="重训", at=NOW, demo=True, account=account)


def planned(home: Home, bundle: tuple[Path, str]) -> Plan:
    """Return the plan that checking a bundle gives; the checks have tests of their own."""
    return Plan(bundle[0].name, bundle[1], champion(home.path), (PASSED,), simulated=True)


def champions(home: Home, *names: str) -> list[tuple[Path, str]]:
    """Promote small bundles one after the other."""
    bundles = [made(home, name, seed=number) for number, name in enumerate(names, start=1)]
    for bundle in bundles:
        promote(home.path, asked(bundle[0]), planned(home, bundle))
    return bundles


def call(home: Home, model: str | None, *, days: float = 0.0, **options: object) -> tuple[int, Session]:
    """Call `fenliu promote` some days later."""
    session = Session(silent(), home, NOW + timedelta(days=days), overrides=("mlflow.enabled=false",))
    usual = {"reason": "重训", "by": None, "to": "champion", "sign": False, "at": None, "due": False}
    usual |= {"pending": False, "gates": None, "expect": None, "demo": True}
    return promotion.promote(session, model=model, **(usual | options)), session  # type: ignore[arg-type]


def court(home: Home, text: str) -> None:
    """Write the court's own file."""
    home.path.mkdir(parents=True, exist_ok=True)
    (home.path / "promotion.toml").write_text(text, encoding="utf-8")


def test_of_two_promotions_from_one_champion_one_wins_and_the_other_is_told(home: Home) -> None:
    """Both were planned against the same champion; whoever is second changes nothing."""
    first, second = made(home, "first", seed=1), made(home, "second", seed=2)
    plans = [planned(home, first), planned(home, second)]
    promote(home.path, asked(first[0]), plans[0])
    with pytest.raises(PromotionError, match="现用模型包已由 无 变为 first") as caught:
        promote(home.path, asked(second[0]), plans[1])
    assert (caught.value.code, champion(home.path)) == ("CHAMPION_CHANGED", "first")
    assert len(promotions.tenures(home.path, current=champion(home.path))) == 1


def test_two_different_people_sign_where_the_court_demands_it(home: Home) -> None:
    """The first opens it (exit 5), may not sign it again, another person's signature carries it out."""
    bundle, _ = made(home, "first")
    court(home, "signatures = 2\ndemo = true\n")
    status, _ = call(home, str(bundle), by="王主任")
    assert (status, champion(home.path)) == (5, None)
    with pytest.raises(CommandError, match="王主任 已经签署"):
        call(home, str(bundle), by=" 王主任　", sign=True)
    assert call(home, str(bundle), by="李庭长", sign=True, reason="同意")[0] == 0
    entry = promotions.tenures(home.path, current=champion(home.path))[-1].entry
    assert [one["by"] for one in entry["signatures"]] == ["王主任", "李庭长"]
    assert (champion(home.path), signing.all_kept(home.path)) == ("first", [])


def test_a_signature_for_a_champion_that_is_gone_counts_for_nothing(home: Home) -> None:
    """Between request and signature another bundle was promoted: the request is over, and that is said."""
    bundle, _ = made(home, "first")
    court(home, "signatures = 2\ndemo = true\n")
    call(home, str(bundle), by="王主任")
    champions(home, "other")
    with pytest.raises(CommandError, match="应为 无，实为 other") as caught:
        call(home, str(bundle), by="李庭长", sign=True)
    assert (caught.value.exit, champion(home.path), signing.all_kept(home.path)) == (5, "other", [])


def test_a_request_lapses(home: Home) -> None:
    """A signature that comes weeks later would approve what nobody looks at any more."""
    bundle, sha256 = made(home, "first")
    waiting = signing.opened(asked(bundle), Plan("first", sha256, None, (PASSED,)), not_before=None)
    late = replace(asked(bundle, by="李庭长", account="li"), at=NOW + timedelta(days=15))
    with pytest.raises(PromotionError, match="超过 14 日"):
        signing.countersigned(waiting, late, CourtPolicy(signatures=2))


def test_listed_signers_sign_from_their_own_accounts() -> None:
    """A name can be typed by anybody; where the court lists its signers the account decides."""
    policy = CourtPolicy(signatures=2, signers=(Signer("王主任", "wang"), Signer("李庭长", "li")))
    assert policy.signer(None, "wang") == policy.signer("王主任", "wang") == "王主任"
    for by, account in (("李庭长", "wang"), (None, "zhao"), ("王主任", "zhao")):
        with pytest.raises(PromotionError, match="不得以") as caught:
            policy.signer(by, account)
        assert caught.value.code == "NOT_A_SIGNER"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("signatures = 3\n", "应为 1 或 2，收到 3"),
        ("signaturs = 2\n", "不认识的键 .signaturs"),
        ("days = 0\n", "应为 1 至 90"),
        ("signatures = ", "无法解析"),
        ('signatures = 2\nsigners = [{name = "王", account = "w"}]\n', "不同的人"),
        ('signers = [{name = "王", account = "w"}, {name = "李", account = "w"}]\n', "不同的人"),
    ],
)
def test_a_wrong_court_file_is_refused(home: Home, text: str, words: str) -> None:
    """Nothing is promoted under demands that nobody can read."""
    court(home, text)
    with pytest.raises(PromotionError, match=words) as caught:
        CourtPolicy.of(home.path)
    assert caught.value.code == "CONFIG"


def test_the_gates_of_the_court_hold_whatever_the_evaluation_asked(home: Home) -> None:
    """An evaluation with an easy gate of its own opens no door: the measured figures are held against the court's."""
    bundle, sha256 = made(home, "first")
    measured = {
        name: {"methods": {"fenliu": {"auc": ESTIMATE}}} for name in ("A.ability", "A.recovery", "A.willingness")
    }
    measured |= {name.replace("A.", "B."): one for name, one in measured.items()} | {
        "B.quick_close": measured["A.ability"]
    }
    write_json(evaluation_path(home.path, sha256), {"gates": [PASSED], "scores": measured})
    gate = Gate(name="本院", score="ability", measure="auc", at_least=0.8)
    found = plan(home.path, asked(bundle), gates=(gate,))
    assert set(found.failed) == {"A.ability 本院", "B.ability 本院"}


def test_an_evaluation_of_some_scores_is_none(home: Home) -> None:
    """A gate cannot hold on a score that was never measured."""
    bundle, sha256 = made(home, "first")
    write_json(evaluation_path(home.path, sha256), {"gates": [PASSED], "scores": {"A.charm": {"methods": {}}}})
    with pytest.raises(PromotionError, match="评估记录缺少分数 A") as caught:
        plan(home.path, asked(bundle))
    assert caught.value.code == "NOT_EVALUATED"


def test_without_a_gate_nothing_is_promoted(home: Home) -> None:
    """Silence is no approval."""
    bundle, sha256 = made(home, "first")
    write_json(evaluation_path(home.path, sha256), {"gates": []})
    with pytest.raises(PromotionError, match="没有任何关口"):
        plan(home.path, asked(bundle))


def test_in_the_service_of_a_court_no_demonstration_answers(home: Home) -> None:
    """Where the court's file stands, the option of a command cannot let a simulated bundle in."""
    bundle, _ = made(home, "first")
    court(home, "signatures = 1\n")
    with pytest.raises(CommandError, match="不允许演示") as caught:
        call(home, str(bundle))
    assert (caught.value.exit, champion(home.path)) == (5, None)


def test_a_named_hour_is_waited_for(home: Home) -> None:
    """Signed today for tomorrow: nothing changes before, and the timer's call carries it out then."""
    bundle, _ = made(home, "first")
    hour = (NOW + timedelta(days=1)).replace(tzinfo=None)
    assert call(home, str(bundle), at=hour)[0] == 0
    assert (call(home, None, due=True)[0], champion(home.path)) == (0, None)
    assert (call(home, None, due=True, days=1.1)[0], champion(home.path)) == (0, "first")


def test_the_champion_is_not_promoted_again(home: Home) -> None:
    """It would change nothing, and hide from others that somebody was there before them."""
    call(home, str(made(home, "first")[0]))
    with pytest.raises(CommandError, match="first 就是现用模型包") as caught:
        call(home, "champion")
    assert (caught.value.exit, len(promotions.noted(home.path))) == (5, 1)


def test_a_second_request_for_the_same_bundle_is_told_of_the_first(home: Home) -> None:
    """It is to be signed, not asked for again."""
    bundle, sha256 = made(home, "first")
    court(home, "signatures = 2\ndemo = true\n")
    signing.keep(home.path, signing.opened(asked(bundle), Plan("first", sha256, None, (PASSED,)), not_before=None))
    with pytest.raises(CommandError, match="王主任 已提出发布 first"):
        call(home, str(bundle), by="李庭长")


@pytest.mark.parametrize(
    ("options", "code", "status"),
    [
        ({"reason": " "}, "USAGE", 2),
        ({"reason": None}, "USAGE", 2),
        ({"to": "shadow"}, "USAGE", 2),
        ({"sign": True}, "NO_REQUEST", 4),
    ],
)
def test_wrong_calls_are_refused(home: Home, options: dict[str, object], code: str, status: int) -> None:
    """Each with its code, and nothing changed."""
    bundle, _ = made(home, "first")
    with pytest.raises(CommandError, match=code) as caught:
        call(home, str(bundle), **options)
    assert (caught.value.exit, champion(home.path)) == (status, None)


def test_the_ledger_says_who_answered_from_when_until_when(home: Home) -> None:
    """Promoted, promoted, rolled back: three tenures without a gap."""
    champions(home, "one", "two")
    later = replace(asked(home.bundles / "one"), at=NOW + timedelta(hours=1), reason="误差变大")
    roll_back(home.path, later, before="two")
    found = promotions.tenures(home.path, current=champion(home.path))
    assert [one.bundle for one in found] == ["one", "two", "one"]
    assert [one.until for one in found] == [found[1].since, found[2].since, None]
    assert (found[-1].entry["action"], found[-1].entry["reason"]) == ("rollback", "误差变大")


def test_a_rollback_goes_to_the_one_before_and_only_to_former_champions(home: Home) -> None:
    """A bundle that never answered has passed no gate; the present one is no way back; nor is a changed one."""
    champions(home, "one", "two")
    tiny_bundle(home.bundles, "stranger", seed=9)
    assert earlier(home.path, None, demo=True, demo_allowed=True) == home.bundles / "one"
    for name, code in (("stranger", "NO_EARLIER_CHAMPION"), ("two", "ALREADY_CHAMPION")):
        with pytest.raises(PromotionError, match=code):
            earlier(home.path, name, demo=True, demo_allowed=True)
    with pytest.raises(PromotionError, match="NEEDS_APPROVAL"):
        earlier(home.path, None, demo=False, demo_allowed=True)
    (home.bundles / "one" / "features.json").write_text("{}", encoding="utf-8")
    with pytest.raises(PromotionError, match="BUNDLE_DAMAGED"):
        earlier(home.path, None, demo=True, demo_allowed=True)


def test_without_an_earlier_champion_there_is_no_way_back(home: Home) -> None:
    """The first champion has nothing behind it."""
    champions(home, "one")
    with pytest.raises(PromotionError, match="NO_EARLIER_CHAMPION") as caught:
        earlier(home.path, None, demo=True, demo_allowed=True)
    assert caught.value.code == "NO_EARLIER_CHAMPION"


def test_a_switch_that_fails_is_taken_back_in_the_ledger(home: Home) -> None:
    """The pointer cannot be written: the old champion answers, and the ledger says so."""
    champions(home, "one")
    (home.bundles / "current").unlink()
    (home.bundles / "current").mkdir()
    entry = {"action": "promote", "at": NOW.isoformat(), "bundle": "two", "before": "one"}
    with pytest.raises(OSError, match="directory"):
        promotions.switch(home.path, home.bundles, entry, pointer="current")
    assert [one.bundle for one in promotions.tenures(home.path, current="one")] == ["one"]


KILLED = """
import os, sys
from pathlib import Path
from models.bundle import promotions
from models.bundle.manifest import read_bundle
from training.provenance import Home
from models.promotion.plan import Plan, Request
from models.promotion.switching import promote
from tests.builders_training import NOW
home, bundle, sha256 = Home(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
promotions.point = lambda *a, **k: os.kill(os.getpid(), 9)
gate = {"gate": "g", "score": "s", "asked": "", "passed": True}
promote(home.path, Request(bundle, "w", "r", NOW, demo=True), Plan(bundle.name, sha256, "one", (gate,)))
"""


def test_a_kill_in_the_middle_leaves_nothing_half(home: Home) -> None:
    """Killed between ledger and pointer: the old champion answers, no lock stays, the next promotion goes through."""
    champions(home, "one")
    two = made(home, "two", seed=2)
    command = [sys.executable, "-c", KILLED, str(home.path), str(two[0]), two[1]]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    assert subprocess.run(command, env=environment, check=False).returncode == -9
    assert champion(home.path) == "one"
    assert [one.bundle for one in promotions.tenures(home.path, current="one")] == ["one"]
    promote(home.path, asked(two[0]), planned(home, two))
    assert champion(home.path) == "two"
    assert [one.bundle for one in promotions.tenures(home.path, current=champion(home.path))] == ["one", "two"]
    actions = [json.loads(line)["action"] for line in (home.path / promotions.LEDGER).read_text("utf-8").splitlines()]
    assert actions == ["promote", "promote", "void", "promote"]
