"""Signatures under bundles: who wants them, who gives them, and that nothing else will do."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from models.bundle import promotions
from models.bundle.manifest import DamagedBundleError, read_bundle
from serving.model_life.loading import load_current
from serving.model_life.renewal import load_promoted
from serving.operation.bundles import challenge, roll_back, show
from serving.operation.signing import begin, sign
from serving.settings import Settings, SettingsError
from serving.signing.signers import Signers
from tests.builders_models import tiny_bundle

PEOPLE = ("王法官", "李 庭长")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one bundle."""
    folder = tmp_path_factory.mktemp("signing")
    tiny_bundle(folder, "one")
    return folder


@pytest.fixture
def court(tmp_path: Path, made: Path) -> Settings:
    """Return a court that wants two signatures, with two people who can sign and a bundle that nobody has signed."""
    lines: list[str] = []
    for number, name in enumerate(PEOPLE):
        said: list[str] = []
        begin(name, file=tmp_path / f"{number}.key", say=said.append)
        lines.append(said[-1])
    (tmp_path / "signers").write_text("# 名单\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "bundles").symlink_to(made)
    return Settings(home=tmp_path / "home", signers=tmp_path / "signers", signatures=2)


def hash_of(court: Settings) -> str:
    """Return the hash of the bundle."""
    return read_bundle(court.bundles / "one")[2]


def signed(court: Settings, *numbers: int) -> None:
    """Let people sign."""
    for number in numbers:
        sign(court, Path("one"), key=court.home.parent / f"{number}.key", say=lambda _: None)


def test_a_bundle_answers_only_with_as_many_signatures_as_are_wanted(court: Settings, tmp_path: Path) -> None:
    """None and one are too few, one person twice is one, and two are enough."""
    load = partial(load_promoted, demand=Signers.of(court).demand)
    (tmp_path / "current").write_text("one", encoding="utf-8")
    for number in ((), (0,), (0,)):
        signed(court, *number)
        with pytest.raises(DamagedBundleError, match="2 signatures are wanted and"):
            load(court.bundles / "one")
    signed(court, 1)
    assert load(court.bundles / "one").sha256 == hash_of(court)
    assert Signers.of(court).signed_by(hash_of(court)) == sorted(PEOPLE)


def test_without_signatures_the_rules_answer_and_say_so(court: Settings) -> None:
    """A service that wants signatures starts without the model, not at all with it."""
    (court.bundles / "current").write_text("one", encoding="utf-8")
    life = load_current(court.bundles, load=partial(load_promoted, demand=Signers.of(court).demand))
    assert life.mode == "rules"
    assert "须有 2 人签名，现有 0 个" in str(life.downgrade)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"signer": "王法官"}',
        '{"signer": "王法官", "signature": "AAAA"}',
        '{"signer": "王法官", "signature": "%%%"}',
        '{"signer": "外人", "signature": "' + "A" * 86 + '=="}',
    ],
)
def test_what_is_no_good_signature_does_not_count(court: Settings, line: str) -> None:
    """Whoever can write into the folder of signatures can still not sign."""
    signed(court, 0)
    file = court.home / "signatures" / f"{hash_of(court)}.jsonl"
    file.write_text(file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    assert Signers.of(court).signed_by(hash_of(court)) == [PEOPLE[0]]


def test_a_signature_belongs_to_one_bundle_and_one_person(court: Settings) -> None:
    """Copied under another bundle, or given out as another person's, it is worth nothing."""
    signed(court, 0)
    folder = court.home / "signatures"
    line = json.loads((folder / f"{hash_of(court)}.jsonl").read_text(encoding="utf-8"))
    (folder / f"{'0' * 64}.jsonl").write_text(json.dumps(line), encoding="utf-8")
    assert Signers.of(court).signed_by("0" * 64) == []
    (folder / f"{hash_of(court)}.jsonl").write_text(json.dumps({**line, "signer": PEOPLE[1]}), encoding="utf-8")
    assert Signers.of(court).signed_by(hash_of(court)) == []


def test_commands_put_nothing_in_use_that_the_service_would_refuse(court: Settings) -> None:
    """Rolling back and challenging ask for the same signatures; the list of bundles names who has signed."""
    with pytest.raises(SettingsError, match="现有 0 个有效签名"):
        challenge(court, name="one", say=print)
    signed(court, 0)
    (court.bundles / "current").unlink(missing_ok=True)
    line = {"action": "promote", "bundle": "one", "sha256": hash_of(court), "before": "zero"}
    promotions.note(court.home, line)
    with pytest.raises(SettingsError, match="现有 1 个有效签名"):
        roll_back(court, name="one", reason="试", say=print)
    said: list[str] = []
    show(court, said.append)
    assert "签名 / signed by 王法官" in said[0]


def test_lists_and_keys_that_cannot_be_are_refused(court: Settings, tmp_path: Path) -> None:
    """A list that is missing, holds no keys, names somebody twice or too few; a key that others may read."""
    text = (tmp_path / "signers").read_text(encoding="utf-8")
    doubled = text + text.splitlines()[1] + "\n"
    for content, why in (("王法官 abc\n", "无法读取"), (doubled, "出现两次"), (text.split("李")[0], "只有 1 名签名人")):
        (tmp_path / "signers").write_text(content, encoding="utf-8")
        with pytest.raises(SettingsError, match=why):
            Signers.of(court)
    with pytest.raises(SettingsError, match="无法读取"):
        Signers.of(Settings(home=tmp_path, signers=tmp_path / "nowhere"))
    (tmp_path / "0.key").chmod(0o644)
    with pytest.raises(SettingsError, match="make it 0600"):
        signed(court, 0)
    with pytest.raises(SettingsError, match="a key is never replaced"):
        begin("王法官", file=tmp_path / "0.key", say=print)


def test_without_a_list_nobody_is_asked(tmp_path: Path) -> None:
    """As shipped the ledger and the hashes have to do."""
    Signers.of(Settings(home=tmp_path)).demand("0" * 64)
