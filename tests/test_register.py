"""The register is a closed list: 156 fields, each with two names, a moment and a class."""

import pytest

from features import causes
from features.register import KNOWN_BY, Field, Privacy, Stage, load_register

REGISTER = load_register()
TYPES = {"bool", "date", "datetime", "decimal", "enum", "float", "int", "list", "ordinal", "set", "string", "text"}


def extension(name: str = "x_parking_fines") -> Field:
    """Return a court's own field."""
    return Field(name=name, zh="停车罚单数", en="Parking fines", type="int", known_at="L")


def test_register_holds_156_fields_of_unique_names():
    """The shipped whitelist has 156 fields and no name twice."""
    assert len({f.name for f in REGISTER.fields}) == len(REGISTER.fields) == 156


def test_every_field_is_named_in_both_languages():
    """A judge and an engineer each find a label, and no two fields share one."""
    assert all(f.zh and f.en.isascii() and f.en for f in REGISTER.fields)
    assert len({f.en for f in REGISTER.fields}) == 156


def test_every_field_says_its_type_moment_and_legal_basis():
    """A field without a known type, a moment or a legal basis may not be registered."""
    assert {f.type for f in REGISTER.fields} <= TYPES
    assert {f.known_at for f in REGISTER.fields} <= set("PALUFEO")
    assert all(f.legal_basis for f in REGISTER.fields)


def test_codes_have_a_wording_each():
    """Every allowed value of an enum or set has exactly one Chinese wording; other types have none."""
    for f in REGISTER.fields:
        assert bool(f.codes) == (f.type in {"enum", "set"})
        assert len(f.codes) == len(f.codes_zh) == len(set(f.codes)) == len(set(f.codes_zh))


def test_stage_a_never_carries_later_facts():
    """Before filing only facts of the trial, the application and look-ups exist; E and O never do."""
    assert {f.known_at for f in REGISTER.allowed_at(Stage.A)} == {"P", "A", "L"}
    assert {f.known_at for f in REGISTER.allowed_at(Stage.B)} == {"P", "A", "L", "U", "F"}
    assert not (KNOWN_BY[Stage.A] | KNOWN_BY[Stage.B]) & set("EO")


def test_protected_and_identifying_fields_are_no_features():
    """Age, sex, household region, tokens, numbers and staff decisions are never read by a feature."""
    unusable = {"age", "gender", "huji_region", "id_token", "application_id", "enf_case_no", "basis_no", "consent_urge"}
    assert {f.name for f in REGISTER.fields if f.feature_at(Stage.B)} & unusable == set()
    assert all(not f.feature_at(stage) for f in REGISTER.fields if f.privacy is Privacy.PROTECTED for stage in Stage)


def test_orders_of_codes_agree_with_the_tables_that_number_them():
    """Columns number codes by place, so the places must agree."""
    assert REGISTER["livelihood"].codes == causes.LIVELIHOODS
    assert REGISTER["cause_version"].codes == causes.VERSIONS


def test_wording_of_a_code_is_found():
    """A code is shown to people in Chinese."""
    assert REGISTER["basis_type"].zh_of("mediation") == "调解书"


def test_a_courts_own_field_extends_the_register():
    """A declared extension is known to the extended register only."""
    extended = REGISTER.extended([extension()])
    assert "x_parking_fines" in extended
    assert "x_parking_fines" not in REGISTER
    assert extended["x_parking_fines"].feature_at(Stage.A)


@pytest.mark.parametrize("name", ["parking_fines", "age"])
def test_an_extension_must_carry_its_prefix(name: str):
    """An extension can neither look like nor replace a shipped field."""
    with pytest.raises(ValueError, match=f"x_.*{name}.*extension names start with x_"):
        REGISTER.extended([extension(name)])


def test_an_extension_cannot_be_declared_twice():
    """A name stands for one thing."""
    with pytest.raises(ValueError, match="once each"):
        REGISTER.extended([extension(), extension()])


def test_equal_registers_share_their_tables():
    """Two equal registers are one key, so tables worked out for one serve the other."""
    once, again = REGISTER.extended([extension()]), REGISTER.extended([extension()])
    assert once == again
    assert hash(once) == hash(again)
