"""Claims about mapping files: every mistake is named with its place and the nearest right word."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from features.register import load_register
from tests.builders_mapping import MAPPING
from training.importing import mapping
from training.importing.mapping import load_mapping
from training.importing.strict_record import MappingError
from training.importing.units import allowed_units, factor

DOCS = Path(__file__).parent.parent / "docs"


def loaded(path: Path, text: str, name: str = "mapping.toml") -> object:
    """Write and load a mapping file."""
    file = path / name
    file.write_text(text, encoding="utf-8")
    return load_mapping(file)


@pytest.mark.parametrize("file", sorted((DOCS / "mappings").glob("*.toml")), ids=lambda file: file.name)
def test_every_shipped_mapping_loads(file: Path) -> None:
    """What the documents show works."""
    if not file.stem.endswith("-train"):
        assert load_mapping(file).source.key


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unit =", "units =", r"MAPPING_UNKNOWN_KEY.*cases\.fields\.claim_amount.*是否指 unit"),
        ("claim_amount =", "claim_amout =", r"MAPPING_UNKNOWN_FIELD.*claim_amout.*claim_amount"),
        ("claim_amount =", "close_mode =", r"MAPPING_WRONG_MOMENT.*close_mode.*\[events\]"),
        ("claim_amount =", "q_bank =", r"MAPPING_WRONG_MOMENT.*q_bank"),
        ('"万元"', '"斤"', "MAPPING_VALUE.*'斤'.*元/yuan/万元"),
        ('"full"', '"paid"', r"MAPPING_VALUE.*events\.closed\.mode.*'paid'"),
        ('kind = "file"', 'kind = "filed"', r"MAPPING_VALUE.*events\.filed\.kind.*'filed'"),
        ('key = "编号"', "", r"MAPPING_MISSING_KEY.*source.*key"),
        ('court_code = "法院"', "", "MAPPING_MISSING_KEY.*court_code"),
        ('format = "fenliu-mapping/1"', 'format = "fenliu-mapping/7"', "MAPPING_VALUE.*fenliu-mapping/7"),
        ("[source]", "[source", "MAPPING_SYNTAX.*mapping.toml"),
        ('\nat = "收到"', "\nat = 7", r"MAPPING_TYPE.*events\.filed\.at.*7"),
        ('\nat = "收到"', "\nat = {}", r"MAPPING_VALUE.*column.*const"),
        ('\nat = "收到"', '\nat = { column = "收到", clock = "25 o\'clock" }', r"MAPPING_TYPE.*clock.*25 o'clock"),
        ('\nat = "收到"', '\nat = "收到"\ntable = "payments"', r"MAPPING_VALUE.*events\.filed\.table.*payments"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_what_was_found(tmp_path: Path, old: str, new: str, message: str) -> None:
    """The message says where, what was there, and what would be right."""
    assert old in MAPPING
    with pytest.raises(MappingError, match=message):
        loaded(tmp_path, MAPPING.replace(old, new, 1))


EXTENSION = """
[extensions.x_grade]
column = "级别"
type = "enum"
stage = "A"
zh = "等级为 {}？"
en = "Is the grade {}?"
"""


def test_an_extension_needs_the_prefix_and_its_codes(tmp_path: Path) -> None:
    """Own fields cannot pass for registered ones, and an enum without codes has no values."""
    with pytest.raises(MappingError, match=r"extensions\.grade.*x_"):
        loaded(tmp_path, MAPPING + EXTENSION.replace("x_grade", "grade"))
    with pytest.raises(MappingError, match=r"extensions\.x_grade.*codes"):
        loaded(tmp_path, MAPPING + EXTENSION)


def test_yaml_says_the_same_as_toml(tmp_path: Path) -> None:
    """A court that prefers YAML gets the same mapping."""
    text = """
format: fenliu-mapping/1
source: {file: cases.csv, key: 编号}
cases:
  fields: {received_at: 收到, court_code: {const: 浙1022}}
observation: {until: 2024-12-31}
"""
    mapped = loaded(tmp_path, text, "mapping.yaml")

    assert mapped.source.key == "编号"  # type: ignore[attr-defined]
    assert mapped.observation.until == {"*": "2024-12-31"}  # type: ignore[attr-defined]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A wrong path is told by the file's name."""
    with pytest.raises(MappingError, match=r"MAPPING_NOT_FOUND.*none\.toml"):
        load_mapping(tmp_path / "none.toml")


def test_a_landmark_field_names_a_declared_event(tmp_path: Path) -> None:
    """A panel cannot be measured from an event that does not exist."""
    panel = '\n[landmarks]\nfrom = "filed"\nto_days = 90\nended_by = ["paid"]\n'
    with pytest.raises(MappingError, match=r"landmarks.*'paid'.*filed, closed"):
        loaded(tmp_path, MAPPING + panel)


@pytest.mark.parametrize(
    ("unit", "field", "expected"),
    [("万元", "claim_amount", 10_000), ("分", "claim_amount", 0.01), ("元", "reg_capital", 0.0001),
     ("years", "est_years", 1), ("months", "est_years", 1 / 12), ("%", "prior_recovery_rate", 0.01)],
)  # fmt: skip
def test_units_convert_to_the_registers_own(unit: str, field: str, expected: float) -> None:
    """A factor is to the unit of the field, which is not always yuan."""
    assert float(factor(unit, load_register()[field])) == pytest.approx(expected)


def test_a_number_without_a_unit_stays_as_it_is() -> None:
    """Counts have no units to convert."""
    assert allowed_units(load_register()["n_debtors"]) == ()
    assert factor("", load_register()["n_debtors"]) == 1


@pytest.mark.parametrize("document", ["own-data.md", "own-data.zh.md"])
def test_every_key_is_documented(document: str) -> None:
    """A foreign export must be importable with the document alone, so no key may be missing from it."""
    text = (DOCS / document).read_text(encoding="utf-8")
    records = (mapping.Value, mapping.Extension, mapping.Condition, mapping.JoinedFile, mapping.Source, mapping.Time,
               mapping.Cases, mapping.Event, mapping.Queries, mapping.Debtors, mapping.Observation, mapping.Landmarks,
               mapping.Mapped)  # fmt: skip
    names = {str(f.metadata.get("key", f.name)) for record in records for f in fields(record)}
    assert sorted(name for name in names if f"`{name}`" not in text) == []
