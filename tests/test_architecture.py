"""The shape of the repository: every library has one home, and what must never be there is not there."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("features", "models", "training", "serving")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

HOMES: dict[str, tuple[str, ...]] = {
    "numpy": ("features/", "models/", "training/", "serving/"),
    "pydantic": ("features/case", "serving/"),
    "stdnum": ("features/identifiers.py",),
    "chinese_calendar": ("models/working_days.py",),
    "lightgbm": ("models/estimators/boosters.py", "training/evaluation/baselines.py"),
    "scipy": (
        "models/assignment/",
        "models/drift.py",
        "models/estimators/smooth_map.py",
        "models/estimators/comparable.py",
        "models/estimators/line_fit.py",
        "training/",
    ),
    "sklearn": ("training/evaluation/baselines.py", "training/evaluation/measures.py"),
    "mlflow": ("training/registry/",),
    "matplotlib": ("training/evaluation/plots/",),
    "simpy": ("training/court_year/office/",),
    "pyarrow": ("training/", "features/history_tables.py", "serving/history/", "serving/jobs/"),
    "openpyxl": ("training/importing/reading.py", "serving/sheets/"),
    "docx": ("serving/sheets/",),
    "optuna": ("training/tuning/",),
    "yaml": ("training/importing/mapping.py",),
    "rich": ("training/console.py", "serving/demo/"),
    "typer": ("training/cli/", "serving/cli/"),
    "bentoml": ("serving/service.py",),
    "starlette": ("serving/",),
    "prometheus_client": ("serving/metrics/",),
    "uvicorn": ("serving/supervisor/worker.py", "serving/supervisor/protocol.py", "serving/supervisor/alone.py"),
    "sqlalchemy": ("serving/store/", "serving/audit/", "serving/repositories/"),
    "cryptography": ("serving/ciphers.py",),
    "authlib": ("serving/identity/single_sign_on.py",),
    "joserfc": ("serving/identity/single_sign_on.py",),
    "httpx": ("serving/identity/single_sign_on.py",),
    "alembic": ("serving/store/",),
    "jinja2": ("serving/pages/rendering.py",),
    "babel": ("serving/pages/language.py",),
    "orjson": ("serving/",),
    "structlog": ("serving/logs.py",),
}
"""Where each outside library may be imported; a library that is not listed has no home and may not come in."""


def imports_of(path: Path) -> set[str]:
    """Return the top-level names of everything the file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - set(PACKAGES)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_library_is_imported_at_home_only(path: Path) -> None:
    """Outside libraries are imported in their home files and nowhere else."""
    place = str(path.relative_to(ROOT))
    strays = [name for name in imports_of(path) if not place.startswith(HOMES.get(name, ("nowhere",)))]
    assert strays == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_own_modules_are_imported_at_the_top(path: Path) -> None:
    """No function imports a module of the project: a late import hides a wrong direction."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    late = [
        node.module
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES
    ]
    assert late == []


def test_no_pickle_in_the_product() -> None:
    """Nothing is read or written by a format that runs code when it is loaded."""
    banned = {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
    users = [str(path) for path in SOURCES if banned & _all_imports(path)]
    assert users == []


def _all_imports(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r"^\s*(?:import|from)\s+(\w+)", text, flags=re.MULTILINE))


def test_the_online_side_knows_no_data_frames() -> None:
    """Between JSON and score there is neither pandas nor scikit-learn nor MLflow."""
    heavy = {"pandas", "sklearn", "mlflow", "polars"}
    online = [path for path in SOURCES if path.relative_to(ROOT).parts[0] != "training"]
    assert [str(path) for path in online if heavy & _all_imports(path)] == []


def test_the_lock_pins_everything_by_hash_and_names_no_registry() -> None:
    """Each locked package has a version and hashes, and no address is written down."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9]\S*==\S+", text, flags=re.MULTILINE)
    assert len(packages) > 100
    assert "://" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block and "==" in block] == []


def test_the_top_level_holds_what_was_agreed() -> None:
    """A newcomer sees the prescribed folders and nothing else."""
    agreed = {
        *PACKAGES, "tests", "docs", "benchmarks", ".ci", "Makefile", "pyproject.toml", "requirements.lock",
        "README.md", "CHANGELOG.md", ".gitignore",
    }  # fmt: skip
    local = {".git", ".venv", ".fenliu", "build", "dist", "fenliu.egg-info", ".benchmarks", ".hypothesis"}
    found = {path.name for path in ROOT.iterdir() if not path.name.endswith("_cache")}
    assert found - local - agreed == set()


def test_no_page_or_module_calls_outside() -> None:
    """No address of a content network or tracker stands anywhere in the product."""
    pattern = re.compile(r"//(cdn|unpkg|www\.googletagmanager|fonts\.googleapis)", flags=re.IGNORECASE)
    texts = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    readable = [path for path in texts if path.suffix in {".py", ".toml", ".json", ".csv", ".html", ".css", ".ini"}]
    assert [str(path) for path in readable if pattern.search(path.read_text(encoding="utf-8"))] == []
