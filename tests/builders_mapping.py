"""Small mapping files and sources for tests of the way in."""

from __future__ import annotations

from pathlib import Path

from training.importing import ImportReport, import_history

HEADER = "编号,收到,法院,标的,结案日,结案方式"
LINES = (
    "c1,2024-01-05 09:00,浙1022,3.86,2024-03-01,执行完毕",
    "c2,2024-01-06 10:30,浙1022,12,,",
    "c3,2024-02-07 11:00,浙1004,0.5,2024-06-30,终本",
)

MAPPING = """
format = "fenliu-mapping/1"

[source]
file = "cases.csv"
key = "编号"

[cases.fields]
received_at = "收到"
court_code = "法院"
claim_amount = { column = "标的", unit = "万元" }

[events.filed]
kind = "file"
at = "收到"

[events.closed]
kind = "close"
at = "结案日"
mode = { column = "结案方式", values = { "执行完毕" = "full", "终本" = "zhongben" } }

[observation]
until = "2024-12-31"
"""


def write_mapping(path: Path, *, more: str = "", **changes: str) -> Path:
    """Write the usual mapping with pieces of text replaced (by old text) and more sections added."""
    text = MAPPING
    for old, new in changes.items():
        text = text.replace(old, new)
    file = path / "mapping.toml"
    file.write_text(text + more, encoding="utf-8")
    return file


def write_source(path: Path, *lines: str, header: str = HEADER, name: str = "cases.csv") -> Path:
    """Write a source file; without lines, the usual three."""
    file = path / name
    file.write_text("\n".join((header, *(lines or LINES))) + "\n", encoding="utf-8")
    return file


def imported(path: Path, *lines: str, mapping: str = MAPPING, header: str = HEADER) -> tuple[ImportReport, Path]:
    """Import lines by a mapping and return the report and the new history's directory."""
    file = path / "mapping.toml"
    file.write_text(mapping, encoding="utf-8")
    source = write_source(path, *lines, header=header)
    out = path / "history"
    return import_history(file, source, out), out


def reasons(out: Path) -> list[tuple[str, str, str]]:
    """Return row, column and code of each refused line."""
    lines = (out / "report.csv").read_text(encoding="utf-8").splitlines()[1:]
    return [(cells[1], cells[2], cells[3]) for cells in (line.split(",") for line in lines)]
