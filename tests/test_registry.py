"""The experiment record: complete, at home, and honest when it cannot be reached."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders_postgres import OWNER, Server
from training.errors import CommandError
from training.registry import DatasetUse, Kind, ModelShape, Registry, RunRecord
from training.registry.connection import mlflow

pytestmark = pytest.mark.filterwarnings(
    "ignore:The ``noload`` loader strategy"
)  # MLflow's own, when looked at from here


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose store is made once: creating its tables takes seconds."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def record(home: Path, tmp_path: Path) -> Callable[..., RunRecord]:
    """Return a builder of runs with a one-file bundle."""

    def build(sha256: str, stage: str = "A") -> RunRecord:
        bundle = tmp_path / "bundle"
        bundle.mkdir(exist_ok=True)
        (bundle / "manifest.json").write_text("{}", encoding="utf-8")
        return RunRecord(
            stage=stage,
            name="run",
            params={"seed": "1"},
            metrics={"ability_auc": 0.7, "ability_auc_lower": 0.6, "ability_auc_upper": 0.8},
            tags={"bundle_sha256": sha256, "data_sha256": "d" * 64},
            datasets=(DatasetUse("history-A-train", "d" * 64, "training", rows=3, columns={"claim_amount": "float"}),),
            bundle=bundle,
            shape=ModelShape(("claim_amount", "age"), ("ability",), ((10_000.0, float("nan")),)),
        )

    return build


def test_a_run_is_recorded_with_its_bundle_under_the_home(home: Path, record: Callable[..., RunRecord]) -> None:
    """Store and artifacts lie under FENLIU_HOME, and the bundle is registered."""
    done = Registry(home, model="fenliu").record(record("a" * 64), register=True)
    assert done.version == "1"
    assert (home / "mlflow.db").is_file()
    assert len(list((home / "mlartifacts").rglob("manifest.json"))) == 1


def test_each_stage_has_its_own_experiment(home: Path, record: Callable[..., RunRecord]) -> None:
    """Runs of stage A and stage B are not mixed."""
    registry = Registry(home, model="fenliu")
    registry.record(record("a" * 64, "A"), register=False)
    registry.record(record("a" * 64, "B"), register=False)
    folders = {path.name for path in (home / "mlartifacts").iterdir()}
    assert folders == {"fenliu-A", "fenliu-B"}


def test_the_alias_follows_the_hash_and_not_the_order(home: Path, record: Callable[..., RunRecord]) -> None:
    """Whoever registered last, the champion is the version whose bundle was checked."""
    registry = Registry(home, model="court")
    first = registry.record(record("b" * 64), register=True)
    registry.record(record("c" * 64), register=True)
    assert registry.point("champion", "b" * 64) == first.version
    assert registry.point("champion", "f" * 64) is None


def test_an_unusable_store_is_a_refusal_with_exit_6(tmp_path: Path) -> None:
    """A home that cannot hold a database ends in one clear message, not in a traceback."""
    (tmp_path / "mlflow.db").mkdir()
    with pytest.raises(CommandError, match=r"MLflow 记录库 .* 无法使用") as caught:
        Registry(tmp_path, model="fenliu").check()
    assert caught.value.exit == 6


def test_looking_whether_a_store_can_be_used_makes_none(tmp_path: Path) -> None:
    """A training that is refused later leaves nothing behind: neither a database nor the folder for it."""
    Registry(tmp_path / "new", model="fenliu").check()
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_breaks_off_is_marked_and_registers_nothing(
    home: Path, record: Callable[..., RunRecord], tmp_path: Path
) -> None:
    """A file that cannot be kept ends the run as failed; there is no version without its files."""
    broken = replace(record("9" * 64), artifacts={"config": tmp_path / "absent.json"})
    with pytest.raises(CommandError, match="STORE_UNREACHABLE"):
        Registry(home, model="broken").record(broken, register=True)
    client = client_of(home)
    found = client.search_runs([client.get_experiment_by_name("broken-A").experiment_id])
    assert [run.info.status for run in found] == ["FAILED"]
    assert client.search_model_versions("name='broken'") == []


def test_an_absent_server_is_a_refusal_without_its_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message names the server and keeps the credentials to itself."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:secret@127.0.0.1:9")
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:9") as caught:
        Registry(tmp_path, model="fenliu").check()
    assert "secret" not in str(caught.value)


def client_of(home: Path) -> Any:
    """Return MLflow's own client on the store of a home, to look with other eyes than those that wrote."""
    uri = f"sqlite:///{home / 'mlflow.db'}"
    return mlflow().MlflowClient(tracking_uri=uri, registry_uri=uri)


def test_a_run_names_its_data_and_its_model_says_what_it_takes(home: Path, record: Callable[..., RunRecord]) -> None:
    """Dataset with hash, signature and example are where a data scientist looks for them."""
    done = Registry(home, model="shape").record(record("a" * 64), register=True)
    run = client_of(home).get_run(done.run_id)
    (used,) = run.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("history-A-train", "d" * 32)
    (folder,) = [path.parent for path in (home / "mlartifacts" / "shape-A").rglob("MLmodel")]
    model = mlflow().models.Model.load(str(folder))
    assert [one.name for one in model.signature.inputs.inputs] == ["claim_amount", "age"]
    assert model.load_input_example(str(folder))["claim_amount"].tolist() == [10_000.0]
    assert {path.name for path in folder.iterdir()} == {"MLmodel", "input_example.json", "bundle"}


def test_a_version_leads_to_its_run_with_aliases_and_tags(home: Path, record: Callable[..., RunRecord]) -> None:
    """From the newest candidate one comes to its figures."""
    done = Registry(home, model="version").record(record("a" * 64), register=True)
    version = client_of(home).get_model_version_by_alias("version", "candidate")
    assert (version.run_id, version.tags["bundle_sha256"]) == (done.run_id, "a" * 64)


def test_folds_stand_under_their_run_and_a_failed_one_says_so(home: Path, record: Callable[..., RunRecord]) -> None:
    """Nested runs: the parent goes on while children are recorded, and ends as it ended."""
    registry = Registry(home, model="nested")
    with ExitStack() as stack:
        parent = stack.enter_context(registry.running(record("a" * 64)))
        child = registry.record(record("a" * 64), parent=parent)
        assert client_of(home).get_run(parent).info.status == "RUNNING"
        broken = stack.pop_all()
    broken.__exit__(RuntimeError, RuntimeError("broken"), None)
    assert client_of(home).get_run(child.run_id).data.tags["mlflow.parentRunId"] == parent
    assert client_of(home).get_run(parent).info.status == "FAILED"


def test_figures_go_to_the_training_and_not_to_what_came_after(home: Path, record: Callable[..., RunRecord]) -> None:
    """A later watching of the same bundle is another run."""
    registry = Registry(home, model="kinds")
    done = registry.record(record("a" * 64))
    registry.record(replace(record("a" * 64), kind=Kind.MONITORING), parent=done.run_id)
    assert registry.trained("a" * 64, "A") == done.run_id


def test_work_that_goes_on_is_one_run(home: Path, record: Callable[..., RunRecord]) -> None:
    """A search that was broken off and resumed keeps its trials under one run, and ends as finished."""
    registry = Registry(home, model="again")
    search = replace(record("a" * 64), name="search", kind=Kind.TUNING)
    with pytest.raises(KeyboardInterrupt), registry.running(search, again=True) as first:
        raise KeyboardInterrupt
    with registry.running(search, again=True) as second:
        assert client_of(home).get_run(second).info.status == "RUNNING"
    with registry.running(search) as other:
        pass
    assert (second, other == first) == (first, False)
    assert client_of(home).get_run(first).info.status == "FINISHED"


WRITER = """
import sys
from pathlib import Path
from training.registry import Registry, RunRecord
for number in range(3):
    run = RunRecord(stage="A", name=f"{sys.argv[2]}-{number}", params={}, metrics={"auc": 0.7}, tags={})
    registry = Registry(Path(sys.argv[1]), model="parallel")
    with registry.running(run) as parent:
        registry.record(run, parent=parent)
"""


def test_parallel_processes_lose_no_run(tmp_path: Path) -> None:
    """Two processes that begin on an empty SQLite store at once: every run is there, with its figure."""
    commands = [[sys.executable, "-c", WRITER, str(tmp_path), f"p{number}"] for number in range(2)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for command in commands]
    said = [process.communicate(timeout=300)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    client = client_of(tmp_path)
    (experiment,) = [one for one in client.search_experiments() if one.name == "parallel-A"]
    runs = client.search_runs([experiment.experiment_id], max_results=100)
    assert [run.data.metrics for run in runs] == [{"auc": 0.7}] * 12


def test_a_database_by_url_keeps_runs_while_files_stay_at_home(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, record: Callable[..., RunRecord]
) -> None:
    """A PostgreSQL server named by MLFLOW_TRACKING_URI holds runs and versions; nothing lands in the working folder."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", postgres.url(OWNER, postgres.create()))
    monkeypatch.chdir(tmp_path)
    registry = Registry(tmp_path / "home", model="fenliu")
    done = registry.record(record("e" * 64), register=True)
    assert (done.version, registry.point("champion", "e" * 64)) == ("1", "1")
    assert [path.name for path in tmp_path.iterdir() if path.name != "bundle"] == ["home"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["mlartifacts"]
    assert len(list((tmp_path / "home" / "mlartifacts").rglob("MLmodel"))) == 1
