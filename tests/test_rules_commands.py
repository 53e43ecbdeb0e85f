"""`fenliu rules`: what a clerk reads, what a program gets, and a clear word about every wrong input."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

from tests.builders_history import a_case, write_history
from tests.builders_rule_tools import LOW_MARK, SMALL_CLAIMS, court, later, written
from tests.builders_training import small_history, small_training
from training import cli

SMALL = court(LOW_MARK, more=SMALL_CLAIMS)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the commands a home of their own."""
    monkeypatch.setenv("FENLIU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(
    capsys: pytest.CaptureFixture[str], *words: object, group: tuple[str, ...] = ("rules",)
) -> tuple[int, str, str]:
    """Run `fenliu rules`, or another command, and return its exit status, stdout and stderr."""
    saved = sys.argv
    sys.argv = ["fenliu", *group, *map(str, words)]
    try:
        with pytest.raises(SystemExit, match=r"^\d+$") as left:
            cli.main()
    finally:
        sys.argv = saved
    out, err = capsys.readouterr()
    return int(str(left.value.code)), out, err


def answered(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, object]:
    """Run a command that succeeds and return its document."""
    status, out, err = run(capsys, *words, "--format", "json")
    assert status == 0, err
    return dict(json.loads(out))


def replayed(capsys: pytest.CaptureFixture[str], new: Path, *words: object) -> dict[str, object]:
    """Replay the small history with the small bundle."""
    data, model = ("--data", small_history().path), ("--model", small_training().bundle)
    return answered(capsys, "replay", new, *words, *data, *model)


def test_check_tells_faults_with_exit_3_and_soundness_with_exit_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, rule and reason of every fault; and for a sound table where it is stricter than the law."""
    wrong = written(tmp_path, court(("urging_days = 15", "urging_days = 60")), "wrong.toml")
    status, out, _ = run(capsys, "check", wrong)
    assert status == 3
    assert "wrong.toml  urging_days  执前督促期（日）为 60，超出 1–30，不得放宽" in out
    status, out, _ = run(capsys, "check", written(tmp_path, SMALL))
    assert status == 0
    assert "未发现错误，可以使用" in out
    assert "K01" in out


def test_check_gives_programs_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stable keys; a file with faults does not hide the next one."""
    wrong = written(tmp_path, court(("urging_days = 15", "urging_days = 60")), "wrong.toml")
    status, out, _ = run(capsys, "check", wrong, written(tmp_path, SMALL), "--format", "json")
    document = json.loads(out)
    assert (status, document["usable"], document["faults"]) == (3, False, 1)
    assert [one["usable"] for one in document["files"]] == [False, True]
    assert {"rule", "zh", "en"} == set(document["files"][0]["faults"][0])


def test_show_reads_as_the_law_and_knows_the_day(capsys: pytest.CaptureFixture[str]) -> None:
    """H06 with its article of the day, what it asks and does, and its parameters with their bounds."""
    status, out, _ = run(capsys, "show", "--rule", "H06", "--on", "2023-12-31")
    assert status == 0
    for words in (
        "民事诉讼法(2021)第246条",
        "距执行时效届满天数少于 15 日（执前督促期）加 60 日",
        "60 至 365 日",
        "2022-01-01 至 2023-12-31",
    ):
        assert words in out
    document = answered(capsys, "show", "--rule", "H06")
    assert document["rules"][0]["basis"] == "民事诉讼法(2023)第250条"  # type: ignore[index]


def test_show_speaks_english_and_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    """The same in the other language, as a page that can be signed."""
    _, out, _ = run(capsys, "show", "--rule", "H07", "--lang", "en", "--format", "md")
    assert (
        "| H07 | the applicant has not agreed to urging | urging is forbidden; no urging while facts are missing" in out
    )


def test_diff_groups_by_direction_and_is_empty_for_the_same_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stricter first; a table does not differ from itself."""
    new = written(tmp_path, court(("urging_days = 15", "urging_days = 20"), more=SMALL_CLAIMS))
    document = answered(capsys, "diff", "default", new)
    assert [(one["effect"], one["id"]) for one in document["changes"]] == [  # type: ignore[attr-defined]
        ("stricter", "K01"),
        ("looser", "urging_days"),
    ]
    assert document["counts"] == {"stricter": 1, "looser": 1, "changed": 0, "neutral": 0}
    _, _, err = run(capsys, "diff", "default", new)
    assert "2 处变化自今天以前的日期起施行" in err
    _, out, err = run(capsys, "diff", new, new)
    assert err == ""
    assert out == "两份规则表没有差别\n"
    assert answered(capsys, "diff", new, new)["same"] is True


def test_a_replay_counts_lists_and_leaves_its_evidence(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts that add up, a line for every change, and a folder with figures, report, tables and hashes."""
    old, new = written(tmp_path, court(LOW_MARK), "old.toml"), written(tmp_path, SMALL, "new.toml")
    document = replayed(capsys, new, old)
    stage = document["by_stage"]["A"]  # type: ignore[index]
    assert sum(n for row in stage["matrix"].values() for n in row.values()) == stage["cases"] == 3_000
    assert sum(one["cases"] for one in stage["by_rule"]) == stage["changed"] > 0
    with Path(str(document["changed_file"])).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + int(str(document["changed"]))
    (folder,) = home.glob("runs/*-rules-replay")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"metrics.json", "report.md", "config.lock.json", "changed.csv", "old/old.toml", "new/new.toml"} <= found
    assert "规则回放" in (folder / "report.md").read_text(encoding="utf-8")
    lock = json.loads((folder / "config.lock.json").read_text(encoding="utf-8"))
    assert {"cases.parquet", "events.parquet", "meta.json"} <= set(lock["history_sha256"])


def test_a_replay_of_the_same_table_says_that_nothing_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Zero of all, at both stages."""
    file = written(tmp_path, SMALL)
    document = replayed(capsys, file, file)
    assert (document["changed"], document["cases"] > 3_000) == (0, True)  # type: ignore[operator]


def test_changes_after_the_last_case_are_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By dates of receipt nothing of a table for 2027 can show; the way to try it is named."""
    file = written(tmp_path, later("2027-01-01", ("quick_threshold = 0.60", "quick_threshold = 0.20")))
    words = ("replay", file, "--data", small_history().path, "--model", small_training().bundle, "--stage", "B")
    _, _, err = run(capsys, *words)
    assert "加 --on 2027-01-01" in err
    _, out, err = run(capsys, *words, "--on", "2027-01-01")
    assert "精办 → 快执" in out
    assert "--on" not in err


def test_without_a_bundle_rules_answer_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That is said, and no bundle stands in the document."""
    status, out, err = run(
        capsys, "replay", written(tmp_path, SMALL), "--data", small_history().path, "--format", "json"
    )
    assert (status, "只按规则回放" in err) == (0, True)
    assert json.loads(out)["bundle"] is None


def test_conflicts_are_told_rule_by_rule_with_their_outcomes(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cases, mean score and outcomes per rule; few known outcomes are marked, simulated figures say so."""
    words = ("conflicts", written(tmp_path, SMALL), "--data", small_history().path, "--model", small_training().bundle)
    document = answered(capsys, *words)
    rows = [one for one in document["rows"] if one["id"] == "K01"]  # type: ignore[attr-defined]
    assert rows
    assert {one["score_lane"] for one in rows} == {"urge"}
    assert document["data"] == "模拟 / simulated"
    known = rows[0]["outcomes"]["ability"]
    assert known["few"] is (known["n"] < 100)
    _, out, err = run(capsys, *words)
    assert "样本少" in out
    assert "不作人员排名" in out
    assert "模型用过" in err
    assert len(list(home.glob("runs/*-rules-conflicts/report.md"))) >= 1


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("check", "nowhere.toml"), 4, "NOT_FOUND"),
        (("check", "{dir}"), 2, "USAGE"),
        (("check",), 2, "USAGE"),
        (("show", "{gbk}"), 3, "RULES_REJECTED"),
        (("show", "--rule", "H99"), 4, "NOT_FOUND"),
        (("show", "--on", "2019-01-01"), 3, "RULES_REJECTED"),
        (("show", "--on", "yesterday"), 2, "USAGE"),
        (("diff", "default", "{text}"), 3, "RULES_REJECTED"),
        (("diff", "default"), 2, "USAGE"),
        (("replay", "default", "--data", "nowhere"), 4, "DATA_NO_HISTORY"),
        (("replay", "default", "--data", "{empty}"), 3, "NOTHING_TO_REPLAY"),
        (("replay", "default", "--data", "{history}", "--from", "2030-01-01"), 3, "NOTHING_TO_REPLAY"),
        (("replay", "default", "--data", "{history}", "--stage", "C"), 2, "USAGE"),
        (("replay", "default", "--data", "{history}", "--court", "京0101"), 4, "NOT_FOUND"),
        (("replay", "default", "--data", "{history}", "--model", "nobody"), 4, "NOT_FOUND"),
        (("replay", "{other}", "--data", "{history}"), 3, "OTHER_COURT"),
        (("replay", "default", "--data", "{history}", "--out", "{gbk}"), 2, "EXISTS"),
        (("conflicts", "--data", "{history}"), 4, "NOT_FOUND"),
        (("conflicts", "--data", "{history}", "--model", "none"), 2, "USAGE"),
        (("suggest", "--data", "{history}", "--model", "none"), 2, "USAGE"),
    ],
)
def test_wrong_input_is_refused_in_words_and_leaves_nothing(
    words: tuple[str, ...], status: int, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No file, a directory, another encoding, no table, another court, no case: the contract's status, no trace."""
    gbk = tmp_path / "gbk.toml"
    gbk.write_bytes(SMALL.encode("gb18030"))
    places = {
        "dir": tmp_path,
        "gbk": gbk,
        "text": written(tmp_path, "这不是规则表", "text.toml"),
        "other": written(tmp_path, court(('court = "default"', 'court = "京0101"')), "other.toml"),
        "empty": write_history(tmp_path / "empty"),
        "history": small_history().path,
    }
    found, out, err = run(capsys, *(word.format(**places) for word in words))
    assert (found, out) == (status, "")
    assert f"错误 [{code}] " in err
    assert "Traceback" not in err
    assert list(tmp_path.glob("home/runs/*")) == []


def test_scoring_opens_tables_in_the_same_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`fenliu score --rules` takes the same names and refuses a wrong table with the same code."""
    text = written(tmp_path, "这不是规则表", "text.toml")
    words = ("--model", small_training().bundle, "-o", tmp_path / "scores.csv", "--rules")
    status, _, err = run(capsys, "score", small_history().path, *words, text, group=())
    assert (status, "[RULES_REJECTED]" in err) == (3, True)
    assert run(capsys, "score", small_history().path, *words, "profile:guangping", group=())[0] == 0


def test_a_rehearsal_leaves_nothing(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--dry-run reads tables and history, says what would be done, and writes no file."""
    history = write_history(tmp_path / "h", cases=[a_case()])
    status, out, err = run(capsys, "replay", "default", "--data", history, "--dry-run")
    assert (status, out, "将回放" in err) == (0, "", True)
    assert not home.exists()
