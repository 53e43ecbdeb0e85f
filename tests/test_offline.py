"""The bundle for machines without a network: what is in it follows from the lock file, and nothing else gets in."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.builders_servers import ROOT


@pytest.fixture(scope="module")
def tools() -> dict[str, ModuleType]:
    """Return the modules of the workshop folder, which is no package."""
    sys.path.insert(0, str(ROOT / ".ci"))
    try:
        return {name: importlib.import_module(name) for name in ("lockfile", "offline", "sbom")}
    finally:
        sys.path.remove(str(ROOT / ".ci"))


def test_the_lock_file_is_read_whole(tools: dict[str, ModuleType]) -> None:
    """As many packages as lines that pin one, each with a hash and with somebody who needs it."""
    packages = tools["lockfile"].locked()
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert len(packages) == len(re.findall(r"^[a-z0-9]\S*==", text, flags=re.MULTILINE))
    assert all(package.hashes and package.needed_by for package in packages.values())


def test_every_extra_leads_to_all_it_needs_and_all_extras_to_the_whole_lock(tools: dict[str, ModuleType]) -> None:
    """The service needs no MLflow and no tests; nothing in the lock file is needed by nobody."""
    lockfile = tools["lockfile"]
    packages = lockfile.locked()
    serving = lockfile.closure(packages, lockfile.direct(("serving",)))
    assert {"bentoml", "sqlalchemy", "cryptography", "mako", "starlette"} <= serving.keys()
    assert not {"mlflow", "pytest", "scikit-learn"} & serving.keys()
    everything = lockfile.closure(packages, lockfile.direct(("serving", "training", "oidc", "dev")))
    assert everything.keys() == packages.keys()


def test_what_is_not_locked_stops_the_making(tools: dict[str, ModuleType]) -> None:
    """A bundle that lacks something is not made."""
    with pytest.raises(KeyError, match="run make lock"):
        tools["lockfile"].closure(tools["lockfile"].locked(), {"left-pad"})


def test_a_missing_or_strange_file_stops_the_making(tools: dict[str, ModuleType], tmp_path: Path) -> None:
    """What was fetched is compared with the lock file once more, file by file."""
    packages = tools["lockfile"].locked()
    wanted = {"idna": packages["idna"]}
    with pytest.raises(SystemExit, match="idna 缺失或哈希不符"):
        tools["offline"]._complete(wanted, tmp_path)
    (tmp_path / "idna-3.0-py3-none-any.whl").write_bytes(b"not that")
    with pytest.raises(SystemExit, match="idna 缺失或哈希不符"):
        tools["offline"]._complete(wanted, tmp_path)


def document(tools: dict[str, ModuleType], folder: Path) -> dict[str, Any]:
    """Return the list of parts of the service, with one wheel there."""
    lockfile = tools["lockfile"]
    packages = lockfile.closure(lockfile.locked(), lockfile.direct(("serving",)))
    wheel = folder / "x86_64" / "idna-3.0-py3-none-any.whl"
    wheel.parent.mkdir(exist_ok=True)
    wheel.write_bytes(b"wheel")
    found: dict[str, Any] = tools["sbom"].sbom(packages, version="0.1.0", files={"idna": [wheel]})
    return found


def test_the_list_of_parts_names_every_package_once(tools: dict[str, ModuleType], tmp_path: Path) -> None:
    """CycloneDX: version, purl, hash and licence of each; every reference leads to a part that is there."""
    found = document(tools, tmp_path)
    parts = {part["bom-ref"]: part for part in found["components"]}
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    assert len(parts) == len(found["components"])
    refs = {one["ref"] for one in found["dependencies"]}
    needed = {one for dependency in found["dependencies"] for one in dependency["dependsOn"]}
    assert needed <= refs
    assert refs - {"pkg:pypi/fenliu@0.1.0"} == parts.keys()
    assert all(part["hashes"] and part["purl"].startswith("pkg:pypi/") for part in parts.values())
    bare = [part["name"] for part in parts.values() if "licenses" not in part]
    assert bare == []
    (idna,) = (part for part in parts.values() if part["name"] == "idna")
    assert idna["hashes"] == [{"alg": "SHA-256", "content": sha256(b"wheel").hexdigest()}]


def test_the_list_of_parts_is_the_same_every_time(tools: dict[str, ModuleType], tmp_path: Path) -> None:
    """No instant and no chance in it: two makings can be compared."""
    assert json.dumps(document(tools, tmp_path)) == json.dumps(document(tools, tmp_path))


def test_whoever_has_no_network_has_the_documents_too(tools: dict[str, ModuleType], tmp_path: Path) -> None:
    """Every file that the way in tells to install or to read is in the bundle."""
    tools["offline"]._texts(tmp_path)
    told = "".join((tmp_path / name).read_text(encoding="utf-8") for name in ("README.txt", "docs/operation.md"))
    named = set(re.findall(r"docs/[\w./-]+\w", told)) | {"docs/operation.md", "docs/deploy/fenliu-serve"}
    assert {"docs/deploy/fenliu.service", "docs/deploy/fenliu.env", "docs/operation.zh.md"} <= named
    assert [name for name in sorted(named) if not (tmp_path / name).exists()] == []


def test_the_installer_refuses_a_changed_bundle_and_another_processor(
    tools: dict[str, ModuleType], tmp_path: Path
) -> None:
    """Before anything is installed."""
    machine = subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()
    shutil.copy(ROOT / ".ci" / "offline" / "install.sh", tmp_path)
    command = ["sh", str(tmp_path / "install.sh"), str(tmp_path / "opt")]
    env = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable}
    none = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert (none.returncode, machine in none.stderr) == (2, True)
    (tmp_path / "wheels" / machine).mkdir(parents=True)
    tools["offline"]._sums(tmp_path)
    with (tmp_path / "install.sh").open("a") as script:
        script.write("# changed\n")
    changed = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert changed.returncode != 0
    assert not (tmp_path / "opt").exists()
