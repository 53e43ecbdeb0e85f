"""The command line: results on stdout, everything else on stderr, the exit status of the contract."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders_history import a_case, write_history
from tests.builders_training import NOW, OVERRIDES, small_history, small_training
from training import cli
from training.cli.verb import COMMON
from training.commands import refusals as explaining
from training.commands.session import Session
from training.console import Column, Console, Form, Lang, Result
from training.errors import CommandError, refusals
from training.provenance import Home

ROOT = Path(__file__).parent.parent
VERBS = [((info.name,), info.callback) for info in cli.app.registered_commands] + [
    ((group.name, info.name), info.callback)
    for group in cli.app.registered_groups
    for info in group.typer_instance.registered_commands
]
"""The words that call each verb, and the verb."""
HEAVY = {"numpy", "pandas", "pyarrow", "lightgbm", "sklearn", "scipy", "mlflow", "matplotlib", "rich"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of its own for the commands of a test."""
    monkeypatch.setenv("FENLIU_HOME", str(tmp_path))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command in this process and return its exit status, stdout and stderr."""
    saved = sys.argv
    sys.argv = ["fenliu", *words]
    try:
        with pytest.raises(SystemExit, match=r"^\d+$") as left:
            cli.main()
    finally:
        sys.argv = saved
    out, err = capsys.readouterr()
    return int(str(left.value.code)), out, err


def test_help_waits_for_nothing_heavy() -> None:
    """`fenliu --help` imports neither numbers nor plots nor trackers, which is what keeps it under half a second."""
    code = "import sys; from training import cli; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stdout.split())


def test_every_verb_is_listed_and_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has to guess a verb or its options."""
    _, listed, _ = run(capsys, "--help")
    for words, _ in VERBS:
        status, text, _ = run(capsys, *words, "--help")
        assert status == 0
        assert f"Example: fenliu {' '.join(words)}" in text
        assert words[0] in listed


def test_every_verb_has_its_work_with_the_same_options() -> None:
    """The empty bodies of the command line and the functions behind them cannot drift apart."""
    for words, verb in VERBS:
        own = set(verb.__annotations__) - set(COMMON)
        module = importlib.import_module(f"training.commands.{verb.__module__.rpartition('.')[2]}")
        work = set(getattr(module, verb.__name__).__annotations__) - {"session", "return"}
        assert own == work, words


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("trane",), 2, "USAGE"),
        (("train", "--no-such-option"), 2, "USAGE"),
        (("train", "--format", "xml"), 2, "USAGE"),
        (("train", "--set", "boooster.trees=1"), 2, "CONFIG"),
        (("train", "--stage", "C"), 2, "USAGE"),
        (("train", "--score", "charm"), 2, "CONFIG"),
        (("validate", "--fail-on", "always"), 2, "USAGE"),
        (("import", "mapping.toml", "export.csv"), 2, "USAGE"),
        (("train", "--data", "nowhere"), 4, "DATA_NO_HISTORY"),
        (("evaluate", "nobody"), 4, "NOT_FOUND"),
        (("promote", "latest", "--reason", "x"), 4, "NOT_FOUND"),
        (("explain", "NO_SUCH_CODE"), 4, "NOT_FOUND"),
        (("simulate", "--n", "3", "--court", "10"), 2, "USAGE"),
    ],
)
def test_refusals_have_the_exit_status_of_the_contract(
    words: tuple[str, ...], status: int, code: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code, words in both languages and a hint on stderr; nothing on stdout; never a traceback."""
    found, out, err = run(capsys, *words)
    assert (found, out) == (status, "")
    assert re.search(rf"错误 \[{code}\] .+ / .+\n提示：.+\n文档：fenliu explain {code}\n", err)
    assert "Traceback" not in err


def test_english_comes_first_when_asked_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same refusal, the other language first."""
    _, _, err = run(capsys, "evaluate", "nobody", "--lang", "en")
    assert err.startswith("error [NOT_FOUND] no bundle 'nobody'")


def test_programs_get_the_problem_as_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --format json stdout holds the problem object that the API would give."""
    _, out, _ = run(capsys, "evaluate", "nobody", "--format", "json")
    assert json.loads(out)["code"] == "NOT_FOUND"


def test_a_fault_of_ours_is_70_and_a_traceback_only_for_debug(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person sees words; the maintainer who asks sees the rest."""

    def broken(*_: object, **__: object) -> int:
        return int("broken")

    monkeypatch.setattr(explaining, "explain", broken)
    status, _, err = run(capsys, "explain", "CONFIG")
    assert (status, "Traceback" in err, "[INTERNAL]" in err) == (70, False, True)
    assert "Traceback" in run(capsys, "explain", "CONFIG", "--debug")[2]


def test_a_full_disk_is_no_fault_of_ours(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told as what it is, with the status of something unreachable; /dev/full is as full as a disk gets."""

    def writing(*_: object, **__: object) -> int:
        with Path("/dev/full").open("w", encoding="utf-8") as full:
            return full.write("一行")

    monkeypatch.setattr(explaining, "explain", writing)
    status, _, err = run(capsys, "explain", "CONFIG")
    assert (status, "[CANNOT_WRITE]" in err) == (6, True)


@pytest.mark.parametrize("stopped", [OSError("full"), KeyboardInterrupt()])
def test_a_run_that_is_broken_off_leaves_no_folder(stopped: BaseException, tmp_path: Path) -> None:
    """What was half written goes, so that `latest` never means half a bundle; what stood there before stays."""
    home = Home(tmp_path)
    home.new_run("train", NOW)
    begun = home.begun_run("train", NOW)
    (begun.__enter__() / "bundle").mkdir()
    assert not begun.__exit__(type(stopped), stopped, None)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["20261120T093000-train"]


def test_a_run_goes_where_it_is_told_to_unless_something_is_there(tmp_path: Path) -> None:
    """`--out` names the folder of the run; what somebody keeps there is neither mixed with it nor taken away."""
    home, out = Home(tmp_path), tmp_path / "out"
    with home.begun_run("train", NOW, out=out) as run:
        (run / "bundle").mkdir()
    assert (run, (out / "bundle").is_dir()) == (out, True)
    with pytest.raises(CommandError, match="不是新的或空的目录"), home.begun_run("train", NOW, out=out):
        pass
    assert (out / "bundle").is_dir()


def test_interrupting_ends_with_130(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C is no fault."""

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(explaining, "explain", interrupted)
    status, _, err = run(capsys, "explain", "CONFIG")
    assert (status, "[INTERRUPTED]" in err) == (130, True)


def test_chinese_survives_a_foreign_locale() -> None:
    """Under LC_ALL=C and without UTF-8 mode the output is still Chinese in UTF-8."""
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    code = "from training.cli import main; main()"
    command = [sys.executable, "-c", code, "--help"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert "分流离线命令" in done.stdout.decode("utf-8")


def test_from_simulation_to_scores_in_five_commands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Simulate, train, evaluate, promote, score: each finds what the one before left."""
    changed = [word for override in OVERRIDES for word in ("--set", override)]
    assert run(capsys, "simulate", "--n", "3000", "--court", "3", "--seed", "11", "-q")[0] == 0
    assert run(capsys, "train", *changed, "-q")[0] == 0
    gates = home / "gates.toml"
    gates.write_text('[[gates]]\nname = "g"\nscore = "ability"\nmeasure = "log_loss"\nbeats = "constant"\n', "utf-8")
    status, out, _ = run(capsys, "evaluate", "--gates", str(gates), "--format", "json")
    assert (status, json.loads(out)["data"]) == (0, "模拟 / simulated")
    words = ("promote", "latest", "--demo", "--reason", "演示", "--set", "mlflow.enabled=false")
    assert run(capsys, *words)[0] == 0
    scores = home / "scores.csv"
    status, out, _ = run(capsys, "score", str(home / "history"), "--out", str(scores), "--format", "json")
    assert (status, json.loads(out)["scored"]) == (0, 3000)
    assert scores.is_file()
    runs = sorted(path.name.partition("-")[2] for path in (home / "runs").iterdir())
    assert runs == ["evaluate", "train"]
    assert len(list((home / "runs").glob("*-evaluate/plots/*.svg"))) == 30  # five pictures of six scores
    kept = {"metrics.json", "config.lock.json", "report.html", "report.md", "log.jsonl"}
    assert all(kept <= {path.name for path in folder.iterdir()} for folder in (home / "runs").iterdir())
    (evaluated,) = (home / "runs").glob("*-evaluate/report.html")
    assert evaluated.read_text(encoding="utf-8").count("<svg") == 30


def test_an_export_comes_in_by_its_mapping(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`fenliu import --mapping FILE SOURCE... --out DIR`, as every page says it."""
    examples = ROOT / "docs" / "mappings"
    words = ("import", "--mapping", str(examples / "court-export.toml"), str(examples))
    assert run(capsys, *words, "--out", str(tmp_path / "history"), "-q")[0] == 0
    assert (tmp_path / "history" / "cases.parquet").is_file()


def test_a_failed_gate_is_exit_1_and_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ran; the bundle is not good enough; the reason stands on stderr."""
    bundle = home / "runs" / "20261120T093000-train" / "bundle" / small_training().bundle.name
    shutil.copytree(small_training().bundle, bundle)
    gates = home / "gates.toml"
    gates.write_text('[[gates]]\nname = "梦想"\nscore = "A.ability"\nmeasure = "auc"\nat_least = 0.999\n', "utf-8")
    changed = [word for override in OVERRIDES for word in ("--set", override)]
    data = str(small_history().path)
    changed += ["--set", "evaluation.plots=false"]
    status, _, err = run(capsys, "evaluate", "--data", data, "--gates", str(gates), *changed)
    assert status == 1
    assert re.search(r"未通过：A\.ability 梦想：0\.\d+，应 ≥ 0\.999", err)
    status, _, err = run(capsys, "promote", "latest", "--demo", "--reason", "x", "--set", "mlflow.enabled=false")
    assert (status, "未通过：A.ability 梦想" in err) == (1, True)


def test_a_rehearsal_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--dry-run says what would be done and leaves no file."""
    assert run(capsys, "simulate", "--n", "100", "--dry-run")[0] == 0
    assert list(home.iterdir()) == []


def test_nothing_is_overwritten_unasked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second simulation into the same place needs --force."""
    assert run(capsys, "simulate", "--n", "60", "--court", "1", "-q")[0] == 0
    status, _, err = run(capsys, "simulate", "--n", "60", "--court", "1", "-q")
    assert (status, "[EXISTS]" in err) == (2, True)
    assert run(capsys, "simulate", "--n", "60", "--court", "1", "-q", "--force")[0] == 0


def test_every_code_that_can_be_said_can_be_explained() -> None:
    """`fenliu explain` knows each code of the offline side."""
    said: set[str] = set()
    for path in (ROOT / "training").rglob("*.py"):
        said |= set(re.findall(r'"((?:DATA|MAPPING|LABEL)_[A-Z_]+)"', path.read_text(encoding="utf-8")))
        said |= set(re.findall(r'CommandError\(\s*"([A-Z_]+)"', path.read_text(encoding="utf-8")))
    assert said - set(refusals()) == set()


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        (Form.AUTO, "名称    分\n能力 A  0.5\n—\n"),
        (Form.CSV, "name,p\n能力 A,0.5\n,\n"),
        (Form.MD, "| 名称 | 分 |\n| --- | --- |\n| 能力 A | 0.5 |\n| — | — |\n"),
    ],
)
def test_a_result_takes_the_asked_form(form: Form, wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns line up with Chinese characters two cells wide; what is missing is shown as missing."""
    columns = (Column("name", "名称", "name"), Column("p", "分", "p"))
    Console(form=form).show(Result(columns, [{"name": "能力 A", "p": 0.5}, {"name": None, "p": float("nan")}]))
    out = capsys.readouterr().out.replace("—       —", "—").replace(",nan", ",")
    assert out == wanted


def test_a_long_sentence_is_folded_never_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chinese has no spaces to break at; every character still stands in the table."""
    monkeypatch.setenv("COLUMNS", "70")
    sentence = "新增规则「小额案件直接立案」不得督促事实不明时同样不得督促条件为申请执行标的额少于五千元" * 3
    Console(form=Form.TABLE).show(
        Result((Column("id", "编号", "id"), Column("a", "变化", "a")), [{"id": 1, "a": sentence}])
    )
    shown = "".join(re.findall("[\u4e00-\u9fff「」]", capsys.readouterr().out))
    assert sentence in shown


def test_a_result_for_a_spreadsheet_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Words of a court's own file are text, even where they look like a formula."""
    Console(form=Form.CSV).show(Result((Column("a", "甲", "a"),), [{"a": "=1+1"}, {"a": -1}]))
    assert capsys.readouterr().out == "a\n'=1+1\n-1\n"


def test_a_result_may_hold_further_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its title above and its line below; CSV is the first table alone."""
    columns, more = (
        (Column("a", "甲", "a"),),
        Result((Column("b", "乙", "b"),), [{"b": 2}], zh="完", title=("其二", "two")),
    )
    for form, wanted in (
        (Form.AUTO, "甲\n1\n\n其二\n乙\n2\n完\n"),
        (Form.MD, "| 甲 |\n| --- |\n| 1 |\n\n## 其二\n\n| 乙 |\n| --- |\n| 2 |\n\n完\n"),
        (Form.CSV, "a\n1\n"),
    ):
        Console(form=form).show(Result(columns, [{"a": 1}], more=(more,)))
        assert capsys.readouterr().out == wanted


def test_progress_without_a_terminal_is_a_line_for_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    """A log of a thousand cases holds ten lines, not a thousand."""
    with Console(lang=Lang.EN).step("步骤", "step", total=1000) as advance:
        for _ in range(1000):
            advance()
    err = capsys.readouterr().err
    assert err.count("\n") == 10
    assert err.endswith("step 1000/1000\n")


def test_quiet_keeps_refusals() -> None:
    """Quiet leaves out notes and progress, never the reason why a command stopped."""
    with pytest.raises(CommandError, match="没有代码"):
        explaining.explain(Session(Console(quiet=True), None, None), code="NOPE")  # type: ignore[arg-type]


def test_nothing_is_learnt_from_a_history_with_an_error(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Training names the error and stops; only a person's named consent lets it go on to the next question."""
    debtors = [{"case_id": "c1", "id_token": "360426199101010071"}]
    data = write_history(tmp_path / "bad", cases=[a_case()], debtors=debtors)
    status, _, said = run(capsys, "train", "--data", str(data), "--set", "mlflow.enabled=false")
    assert status == 3
    assert "RAW_ID debtors.id_token" in said
    accepted = ("--set", 'accept_errors=["RAW_ID"]', "--set", "mlflow.enabled=false")
    status, _, said = run(capsys, "train", "--data", str(data), *accepted)
    assert "RAW_ID" not in said
    assert status == 3


def test_what_gains_by_late_filing_fails_the_year_by_name(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """An honest year ends with 0; with one figure made better by late filing it ends with 1 and says which."""
    folder = home / "year"
    words = [
        "court-year",
        "--policies",
        "amount",
        "--seeds",
        "1",
        "--late-seeds",
        "1",
        "--jobs",
        "1",
        "-o",
        str(folder),
    ]
    words += ["--set", "per_year=40", "--set", "warm_up_days=20", "--set", "path.horizon=60.0", "--no-progress"]
    words += ["--set", "office.officers_per_thousand=50.0"]
    assert run(capsys, *words)[0] == 0
    late = folder / "results" / "amount" / "000-late60.json"
    figures = json.loads(late.read_text(encoding="utf-8"))
    figures["indicators"]["days.receipt"] = [1.0, 40.0]
    late.write_text(json.dumps(figures), encoding="utf-8")
    status, _, told = run(capsys, *words)
    assert status == 1
    assert "days.receipt" in told
    assert "amount" in told
