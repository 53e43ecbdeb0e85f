"""Makes the bundle for machines without a network: wheels of both processors, checksums, parts list, installer.

    make offline

Everything comes from requirements.lock by hash. `dist/offline` then holds
`wheels/x86_64`, `wheels/aarch64`, `requirements.txt`, `sbom.cdx.json`,
`install.sh`, `docs`, `README.txt` and `SHA256SUMS`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

from lockfile import ROOT, Locked, closure, direct, locked
from sbom import sbom

PLATFORMS = {
    "x86_64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "aarch64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
}
PYTHON = "3.11"
_TEXTS = Path(__file__).parent / "offline"


def main(out: Path, *, extras: tuple[str, ...], machines: tuple[str, ...]) -> None:
    """Make the bundle anew in the folder."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    packages = closure(locked(), direct(extras))
    requirements = out / "requirements.txt"
    requirements.write_text("".join(package.text + "\n" for package in packages.values()), encoding="utf-8")
    own = _own_wheel(out)
    for machine in machines:
        folder = out / "wheels" / machine
        _download(requirements, folder, machine)
        _complete(packages, folder)
        shutil.copy(own, folder)
    own.unlink()
    _texts(out)
    _describe(out, packages)
    _sums(out)
    _say(f"{out}: {len(packages)} 个软件包 / packages, {'、'.join(machines)}, {_size(out) / 1e6:.0f} MB")


def _own_wheel(out: Path) -> Path:
    """Build the project's own wheel; it is the same for every processor."""
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(ROOT))
    return next(out.glob("fenliu-*.whl"))


def _download(requirements: Path, folder: Path, machine: str) -> None:
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", str(folder)]
    options += ["--implementation", "cp", "--python-version", PYTHON]
    options += [word for abi in ("cp311", "abi3", "none") for word in ("--abi", abi)]
    options += [word for platform in PLATFORMS[machine] for word in ("--platform", platform)]
    _pip("download", *options, "--requirement", str(requirements))


def _complete(packages: dict[str, Locked], folder: Path) -> None:
    """Compare what was fetched with the lock file, file by file."""
    found = {_package_of(file): file for file in folder.glob("*.whl")}
    for name, package in packages.items():
        if name not in found or sha256(found[name].read_bytes()).hexdigest() not in package.hashes:
            message = f"{folder.name}: {name} 缺失或哈希不符 / {name} is missing or has another hash"
            raise SystemExit(message)


def _texts(out: Path) -> None:
    """Put in what people read: the installer, and all documents with the files for systemd and the proxy."""
    for text in sorted(_TEXTS.iterdir()):
        shutil.copy(text, out)
    shutil.copytree(ROOT / "docs", out / "docs")


def _describe(out: Path, packages: dict[str, Locked]) -> None:
    files: dict[str, list[Path]] = {}
    for file in sorted(out.rglob("*.whl")):
        files.setdefault(_package_of(file), []).append(file)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    document = sbom(packages, version=version, files=files)
    (out / "sbom.cdx.json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _sums(out: Path) -> None:
    """Write the checksums as `sha256sum --check` reads them."""
    files = sorted(path for path in out.rglob("*") if path.is_file())
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out).as_posix()}\n" for path in files]
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _package_of(wheel: Path) -> str:
    return re.sub(r"[-_.]+", "-", wheel.name.partition("-")[0]).lower()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _pip(*arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - pip of this environment
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments], check=False
    )
    if done.returncode != 0:
        message = f"pip {arguments[0]} 失败 / failed ({done.returncode})"
        raise SystemExit(message)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "offline")
    parser.add_argument("--extras", default="serving,training")
    parser.add_argument("--machines", default=",".join(PLATFORMS))
    given = parser.parse_args()
    main(given.out, extras=tuple(given.extras.split(",")), machines=tuple(given.machines.split(",")))
