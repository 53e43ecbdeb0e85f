"""The bundle: what was promoted, or refused by name, before any model text is read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from features.extensions import ExtensionField
from features.feature import Group, Pull
from features.register import Field, Stage
from models.bundle import Bundle, manifest, verify
from models.bundle import files as bundle_files
from models.bundle.canaries import canary_rows, check_canaries
from models.bundle.check import main
from models.bundle.manifest import DamagedBundleError, canonical, manifest_of, parsed, read_bundle
from models.stage_models import HazardScore
from tests.builders_models import COURTS, assembled, random_rows, tiny_about, tiny_bundle, tiny_stage


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a saved bundle that no test changes."""
    return tiny_bundle(tmp_path_factory.mktemp("bundles"))


def copied(saved: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may damage."""
    target = tmp_path / saved.name
    for source in saved.rglob("*"):
        if source.is_file():
            place = target / source.relative_to(saved)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source.read_bytes())
    return target


def names(folder: Path) -> list[str]:
    """Return every file of a bundle."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def _no_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a model text is read."""

    def refuse(text: str) -> None:
        msg = f"parsed a text of {len(text)} characters"
        raise AssertionError(msg)

    monkeypatch.setattr(bundle_files, "Booster", refuse)


@pytest.mark.usefixtures("_no_parsing")
def test_a_changed_byte_in_any_file_is_named_before_a_text_is_read(saved: Path, tmp_path: Path) -> None:
    """Whichever file is changed in one byte, loading names it and reads no model."""
    folder = copied(saved, tmp_path)
    for name in names(folder):
        content = (folder / name).read_bytes()
        middle = len(content) // 2
        (folder / name).write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        with pytest.raises(DamagedBundleError, match=name) as caught:
            Bundle.load(folder)
        assert caught.value.file == name
        (folder / name).write_bytes(content)


@pytest.mark.usefixtures("_no_parsing")
def test_a_cut_or_missing_file_is_named(saved: Path, tmp_path: Path) -> None:
    """Whichever file is cut short or gone, loading names it."""
    folder = copied(saved, tmp_path)
    for name in names(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-7])
        with pytest.raises(DamagedBundleError, match=name):
            Bundle.load(folder)
        (folder / name).unlink()
        with pytest.raises(DamagedBundleError, match=name):
            Bundle.load(folder)
        (folder / name).write_bytes(content)


def test_an_extra_file_is_named(saved: Path, tmp_path: Path) -> None:
    """A bundle holds what its manifest lists and nothing else."""
    folder = copied(saved, tmp_path)
    (folder / "A" / "more.txt").write_text("tree")

    with pytest.raises(DamagedBundleError, match=r"A/more\.txt: the file is not in the manifest"):
        verify(folder)


def test_a_link_is_refused(saved: Path, tmp_path: Path) -> None:
    """A file that lies elsewhere is no file of the bundle, whatever it holds."""
    folder = copied(saved, tmp_path)
    (folder / "features.json").unlink()
    (folder / "features.json").symlink_to(saved / "features.json")

    with pytest.raises(DamagedBundleError, match=r"features.json: not a plain file"):
        Bundle.load(folder)


def test_an_edited_manifest_is_refused(saved: Path, tmp_path: Path) -> None:
    """Giving the bundle a later last day breaks its seal."""
    folder = copied(saved, tmp_path)
    document = json.loads((folder / "manifest.json").read_bytes())
    document["about"]["valid_until"] = "2099-01-01"
    (folder / "manifest.json").write_bytes(canonical(document))

    with pytest.raises(DamagedBundleError, match="the manifest was changed"):
        Bundle.load(folder)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    """A bundle of another age of the program is refused by its format, even with a right seal."""
    (tmp_path / "b").mkdir()
    manifest = json.loads(manifest_of({}, {}))
    manifest.pop("seal")
    manifest["format"] = "fenliu-bundle/9"
    sealed = canonical({**manifest, "seal": sha256(canonical(manifest)).hexdigest()})
    (tmp_path / "b" / "manifest.json").write_bytes(sealed)

    with pytest.raises(DamagedBundleError, match="unknown format fenliu-bundle/9"):
        read_bundle(tmp_path / "b")


def test_no_folder_is_a_damaged_bundle(tmp_path: Path) -> None:
    """A folder that is not there is refused like one that is wrong."""
    with pytest.raises(DamagedBundleError, match="no such bundle folder"):
        Bundle.load(tmp_path / "none")


def test_fifty_random_damages_are_refused(saved: Path, tmp_path: Path) -> None:
    """Whatever bytes are changed, cut or added, the bundle is refused in words."""
    folder = copied(saved, tmp_path)
    rng = np.random.default_rng(7)
    files = names(folder)
    for _ in range(50):
        place = folder / files[rng.integers(len(files))]
        content = place.read_bytes()
        place.write_bytes(damaged(content, rng))
        with pytest.raises(DamagedBundleError, match="damaged bundle"):
            verify(folder)
        place.write_bytes(content)


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Return the content changed in up to five bytes, cut, or with something added."""
    kind = rng.integers(3)
    if kind == 0:
        return content[: rng.integers(len(content))]
    if kind == 1:
        return content + rng.bytes(int(rng.integers(1, 9)))
    changed = bytearray(content)
    for place in rng.integers(len(content), size=int(rng.integers(1, 6))):
        changed[place] ^= int(rng.integers(1, 256))
    return bytes(changed) if bytes(changed) != content else content[:-1]


def test_a_whole_bundle_is_verified_in_a_child_process(saved: Path) -> None:
    """Verifying returns the hash of the manifest, which names the bundle in every advice."""
    assert verify(saved) == Bundle.load(saved).sha256 == sha256((saved / "manifest.json").read_bytes()).hexdigest()


def test_a_model_that_crashes_its_reader_harms_only_the_child(saved: Path, tmp_path: Path) -> None:
    """A text with a right hash that no reader survives is reported, not suffered."""
    about, files, _ = read_bundle(saved)
    text = files["A/ability/full.txt"].replace(b"left_child=", b"left_child=99999999 ", 1)
    resealed(tmp_path / "evil", about, {**files, "A/ability/full.txt": text})

    with pytest.raises(DamagedBundleError, match="damaged bundle"):
        verify(tmp_path / "evil")


def test_a_model_that_answers_otherwise_is_refused(saved: Path, tmp_path: Path) -> None:
    """Changed leaves, one of each tree, under a right hash are caught by the canaries."""
    about, files, _ = read_bundle(saved)
    text = re.sub(
        rb"(leaf_value=-?\d\.)(\d)",
        lambda m: m[1] + b"%d" % ((int(m[2]) + 1) % 10),
        files["A/ability/full.txt"],
    )
    folder = resealed(tmp_path / "other", about, {**files, "A/ability/full.txt": text})

    with pytest.raises(DamagedBundleError, match="the boosters answer otherwise than when saved"):
        verify(folder)


def test_a_changed_calibration_is_refused_by_the_canaries(saved: Path) -> None:
    """Canaries watch what follows the trees, too."""
    models = tiny_stage(Stage.A)
    score = models.scores["ability"]
    reading = score.readings[0]
    moved = replace(reading, calibrator=replace(reading.calibrator, y=reading.calibrator.y + 0.01))
    other = replace(models, scores={**models.scores, "ability": replace(score, readings=(moved,))})
    expected = parsed(read_bundle(saved)[1], "canaries.json")["A"]

    with pytest.raises(DamagedBundleError, match="the scores differ"):
        check_canaries(other, expected)  # type: ignore[arg-type]


def test_a_program_that_knows_of_no_wait_is_refused_by_the_canaries(saved: Path) -> None:
    """Read from filing on, a curve that begins at the query answers otherwise than it was saved."""
    models = tiny_stage(Stage.B)
    scores = {n: replace(s, from_sight=False) if isinstance(s, HazardScore) else s for n, s in models.scores.items()}
    expected = parsed(read_bundle(saved)[1], "canaries.json")["B"]

    with pytest.raises(DamagedBundleError, match="the scores differ"):
        check_canaries(replace(models, scores=scores), expected)  # type: ignore[arg-type]


def test_the_child_speaks_in_file_and_words(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The child ends with 0, or names the file and says in both languages what is wrong."""
    folder = copied(saved, tmp_path)
    assert main(str(folder)) == 0
    (folder / "features.json").write_text("{}")

    assert main(str(folder)) == 1
    assert json.loads(capsys.readouterr().out)[0] == "features.json"


def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(saved: Path, tmp_path: Path) -> None:
    """A named pipe nobody writes to is refused at once."""
    folder = copied(saved, tmp_path)
    (folder / "features.json").unlink()
    os.mkfifo(folder / "features.json")

    with pytest.raises(DamagedBundleError, match=r"features.json: not a plain file"):
        Bundle.load(folder)


@pytest.mark.parametrize("files", [None, [], {"a.txt": 1}, {"a.txt": {}}])
def test_a_manifest_of_another_build_is_refused_under_a_right_seal(tmp_path: Path, files: object) -> None:
    """A seal can be made by anyone; the reader trusts no entry because of it."""
    (tmp_path / "b").mkdir()
    plain = {"format": "fenliu-bundle/1", "about": {}, "files": files}
    sealed = canonical({**plain, "seal": sha256(canonical(plain)).hexdigest()})
    (tmp_path / "b" / "manifest.json").write_bytes(sealed)

    with pytest.raises(DamagedBundleError, match="not built as a manifest"):
        read_bundle(tmp_path / "b")


@pytest.mark.parametrize("odd", ["NaN", "-Infinity", "1e999", '"\\ud800"', "[" * 600 + "]" * 600, "9" * 5000])
def test_a_manifest_that_cannot_be_spelt_again_is_damage_and_no_crash(saved: Path, tmp_path: Path, odd: str) -> None:
    """JSON readers let through what no writer may write; a service must not fail to start because of it."""
    folder = copied(saved, tmp_path)
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(text.replace('"seal"', f'"odd": {odd},\n "seal"'), encoding="utf-8")

    with pytest.raises(DamagedBundleError, match=r"manifest\.json"):
        read_bundle(folder)


def test_a_manifest_of_any_size_is_refused_unread(tmp_path: Path) -> None:
    """A hundred million brackets would keep a worker busy for minutes."""
    with (tmp_path / "manifest.json").open("wb") as file:
        file.truncate(manifest.MOST_MANIFEST + 1)

    with pytest.raises(DamagedBundleError, match="the file is too large"):
        read_bundle(tmp_path)


def test_other_kinds_of_files_are_refused_even_under_right_hashes(saved: Path, tmp_path: Path) -> None:
    """A bundle that carries a file which runs code when it is opened is no bundle, whoever listed it."""
    about, files, _ = read_bundle(saved)
    folder = resealed(tmp_path / "more", about, {**files, "A/model.pkl": b"\x80\x05."})

    with pytest.raises(DamagedBundleError, match=r"A/model.pkl: a bundle has no files of this kind"):
        read_bundle(folder)


def test_folders_without_end_are_refused(saved: Path, tmp_path: Path) -> None:
    """Neither the stack nor the time of the reader depends on how deep somebody digs."""
    folder = copied(saved, tmp_path)
    (folder / "/".join("d" * 40)).mkdir(parents=True)

    with pytest.raises(DamagedBundleError, match="deeper than 4 folders"):
        read_bundle(folder)


def test_a_file_name_that_is_no_text_can_still_be_told(saved: Path, tmp_path: Path) -> None:
    """The refusal names the file in a way that every log can write."""
    folder = copied(saved, tmp_path)
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt"))).write_text("x", encoding="utf-8")

    with pytest.raises(DamagedBundleError, match=r"\\xff.txt") as refused:
        read_bundle(folder)
    assert str(refused.value).encode("utf-8")


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("left_child", lambda values: [0, *values[1:]]),
        ("right_child", lambda values: [values[0], values[0], *values[2:]]),
        ("right_child", lambda values: [*values[:-1], -99]),
        ("split_feature", lambda values: [9999, *values[1:]]),
        ("leaf_value", lambda values: values[:-1]),
    ],
)
def test_a_tree_that_leads_back_or_out_is_refused(
    saved: Path, tmp_path: Path, name: str, broken: Callable[[list[str]], list[object]]
) -> None:
    """Hashes and known rows may be right, and some other row would be followed for ever or beyond the end."""
    about, files, _ = read_bundle(saved)
    text = files["A/ability/full.txt"].decode()
    changed = re.sub(
        rf"^{name}=(.*)$",
        lambda found: f"{name}=" + " ".join(str(value) for value in broken(found[1].split())),
        text, count=1, flags=re.MULTILINE,
    )  # fmt: skip
    folder = resealed(tmp_path / "led", about, {**files, "A/ability/full.txt": changed.encode()})

    with pytest.raises(DamagedBundleError, match=r"A/ability/full.txt: the file is no model text"):
        Bundle.load(folder)


def test_a_bundle_of_another_version_is_refused_in_words(saved: Path, tmp_path: Path) -> None:
    """What a manifest says of itself may have other parts in another version of the program."""
    about, files, _ = read_bundle(saved)
    folder = resealed(tmp_path / "other", {**about, "of_tomorrow": 1}, dict(files))

    with pytest.raises(DamagedBundleError, match="not what this program writes"):
        Bundle.load(folder)


def test_a_flood_of_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting stops at the limit; so does reading."""
    monkeypatch.setattr(manifest, "MOST_FILES", 3)
    for name in "abcd":
        (tmp_path / f"{name}.txt").write_text(name)

    with pytest.raises(DamagedBundleError, match="more than 3 files"):
        read_bundle(tmp_path)


def test_files_that_are_too_large_are_refused_unread(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file, and all of them together, stay within bounds."""
    monkeypatch.setattr(manifest, "MOST_BYTES", 5000)

    with pytest.raises(DamagedBundleError, match="the file is too large"):
        read_bundle(copied(saved, tmp_path))


def test_a_feature_that_the_program_does_not_have_is_refused(saved: Path, tmp_path: Path) -> None:
    """A bundle of a later catalogue is refused by name of the feature."""
    about, files, _ = read_bundle(saved)
    text = files["features.json"].replace(b'"A": [', b'"A": ["from_the_future", ', 1)
    folder = resealed(tmp_path / "later", about, {**files, "features.json": text})

    with pytest.raises(DamagedBundleError, match="no feature from_the_future"):
        Bundle.load(folder)


def test_a_bundle_is_never_overwritten(saved: Path) -> None:
    """Saving over a bundle is refused."""
    with pytest.raises(FileExistsError, match="tiny-1 exists and is never changed"):
        assembled().save(saved)


def test_what_is_known_about_a_bundle_survives(saved: Path) -> None:
    """Name, dates, courts, periods and versions are as they were."""
    assert Bundle.load(saved).about == tiny_about()


def test_a_courts_own_fields_travel_with_the_bundle(tmp_path: Path) -> None:
    """Extension fields are part of the bundle, so that the service knows them."""
    field = Field("x_grade", "等级", "grade", "int", "A")
    own = ExtensionField(field, "等级是多少？", "Which grade?", "级", Pull.NONE, Group.CASE)
    Bundle.assemble([tiny_stage(Stage.A)], about=tiny_about(), extensions=[own]).save(tmp_path / "own")

    assert Bundle.load(tmp_path / "own").extensions == (own,)


def test_models_of_another_width_are_refused() -> None:
    """Models trained on other features cannot be put together with these."""
    models = tiny_stage(Stage.A)

    with pytest.raises(ValueError, match="models must fit"):
        replace(models, features=models.features[1:])


def test_canary_rows_are_nobodys_case() -> None:
    """No canary equals a training row; values are rounded quantiles, drawn apart."""
    rows = random_rows(tiny_stage(Stage.A).features, Stage.A, 300)
    canaries = canary_rows(rows, COURTS)
    alike = (canaries.rows[:, None, :] == rows) | (np.isnan(canaries.rows)[:, None, :] & np.isnan(rows))

    assert len(canaries.rows) >= 8
    assert not alike.all(axis=2).any()


def test_no_executable_format_in_a_bundle(saved: Path) -> None:
    """A bundle holds text and JSON only."""
    assert {Path(name).suffix for name in names(saved)} == {".txt", ".json"}


def resealed(folder: Path, about: object, files: dict[str, bytes]) -> Path:
    """Write files under a manifest whose hashes are right: an attack that hashes alone cannot see."""
    for name, content in [*files.items(), ("manifest.json", manifest_of(about, files))]:  # type: ignore[arg-type]
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_bundle_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Where the second file fails, the first one goes too: no half bundle stands beside the whole ones."""
    with pytest.raises(OSError, match="File name too long"):
        manifest.write_bundle(tmp_path / "b", {}, {"stage.json": b"{}", "x" * 300: b""})
    assert list(tmp_path.iterdir()) == []
