"""The list of parts (SBOM, CycloneDX 1.6 JSON) of what is installed from the lock file."""

from __future__ import annotations

import json
import uuid
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from lockfile import Locked

_NAMESPACE = uuid.UUID("6f1d1f0e-0d0b-5c1e-9a52-7a7e6a3c0f11")


def sbom(packages: dict[str, Locked], *, version: str, files: dict[str, list[Path]]) -> dict[str, Any]:
    """Return the document: every package with version, licence and hashes of its wheels, and who needs whom.

    The same lock file and wheels always make the same document: its serial
    number follows from what is in it, and it holds no instant.
    """
    parts = [_component(package, files.get(package.name, [])) for package in packages.values()]
    beneath = {
        _ref(parent): sorted(_ref(one) for one in packages.values() if parent.name in one.needed_by)
        for parent in packages.values()
    }
    top = f"pkg:pypi/fenliu@{version}"
    direct = sorted(_ref(one) for one in packages.values() if "fenliu" in one.needed_by)
    serial = uuid.uuid5(_NAMESPACE, json.dumps(parts, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": top, "name": "fenliu", "version": version, "purl": top}
        },
        "components": parts,
        "dependencies": [
            {"ref": top, "dependsOn": direct},
            *({"ref": ref, "dependsOn": needs} for ref, needs in beneath.items()),
        ],
    }


def _component(package: Locked, files: list[Path]) -> dict[str, Any]:
    properties = [
        {"name": f"fenliu:file:{file.parent.name}:{file.name}", "value": sha256(file.read_bytes()).hexdigest()}
        for file in sorted(files)
    ]
    component = {
        "type": "library",
        "bom-ref": _ref(package),
        "name": package.name,
        "version": package.version,
        "purl": _ref(package),
        "hashes": [
            {"alg": "SHA-256", "content": digest}
            for digest in sorted({str(one["value"]) for one in properties} or set(package.hashes))
        ],
        "properties": properties,
    }
    licence = _licence(package.name)
    return component if licence is None else {**component, "licenses": [licence]}


def _ref(package: Locked) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _licence(name: str) -> dict[str, Any] | None:
    """Return the licence as the installed package states it; None where it is not installed or states none."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return None
    expression = found.get("License-Expression")
    if expression:
        return {"expression": expression}
    named = [line.rpartition("::")[2].strip() for line in found.get_all("Classifier", []) if line.startswith("License")]
    text = "; ".join(named) or (found.get("License") or "").strip().splitlines()[:1]
    shown = text if isinstance(text, str) else "".join(text)
    return {"license": {"name": shown[:100]}} if shown else None
