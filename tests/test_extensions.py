"""Tests of features.extensions: a court's own facts, declared with question and pull, refused when unsound."""

from __future__ import annotations

import json

import numpy as np
import pytest

from features.catalogue import catalogue
from features.extensions import CODES, TYPES, ExtensionField
from features.feature import Group, Pull, Unit
from features.known import ForbiddenFieldError, Known
from features.matrix import matrix
from features.register import Field, Privacy, Stage, load_register
from tests.builders_known import AS_OF, known


def own(
    name: str = "x_calls", kind: str = "int", *, pull: Pull = Pull.UP, known_at: str = "A", **said
) -> ExtensionField:
    """Return a court's declaration, sound unless told otherwise."""
    questions = {"zh": said.pop("zh", "窗口来电多少次？"), "en": said.pop("en", "How many calls came in?")}
    field = Field(name=name, zh="来电次数", en="calls", type=kind, known_at=known_at, **said)
    return ExtensionField(field=field, unit=Unit.TIME, pull=pull, group=Group.WILLINGNESS, **questions)


def channel(**said) -> ExtensionField:
    """Return an enum of two codes."""
    asks = {"zh": "来源是否为{}？", "en": "Is the source {}?"}
    words = {"codes": ("hall", "app"), "codes_zh": ("大厅", "手机端")}
    return own("x_channel", "enum", **({"pull": Pull.NONE} | asks | words | said))


def facts(extension: ExtensionField, value: float, **said) -> Known:
    """Return one case of a court that knows its own field."""
    register = load_register().extended([extension.field])
    return known(register=register, **{extension.field.name: value}, **said)


@pytest.mark.parametrize("kind", ["bool", "int", "float", "decimal", "ordinal"])
def test_a_number_is_taken_as_it_is(kind: str) -> None:
    """Numbers and yes-or-no facts become one feature with the court's question, unit and pull."""
    extension = own(kind=kind)

    (feature,) = extension.features()

    assert (feature.name, feature.zh, feature.pull, feature.code) == ("x_calls", "窗口来电多少次？", Pull.UP, "XW")
    assert feature.compute(facts(extension, 3)).tolist() == [3.0]


def test_a_date_becomes_days_before_the_as_of() -> None:
    """A date counts in whole days back from the day of `as_of`."""
    extension = own("x_visited_on", "date")

    (feature,) = extension.features()

    assert feature.compute(facts(extension, AS_OF // 1 - 12)).tolist() == [12.0]


def test_an_enum_becomes_one_question_for_each_code() -> None:
    """Each declared code is a yes-or-no feature in the words of that code."""
    hall, app = channel().features()

    assert (hall.name, hall.zh) == ("x_channel.hall", "来源是否为大厅？")
    assert (app.name, app.en, app.unit) == ("x_channel.app", "Is the source app?", Unit.YES_NO)
    assert [f.compute(facts(channel(), "app"))[0] for f in (hall, app)] == [0.0, 1.0]


def test_a_question_without_a_place_for_the_code_gets_it_at_the_end() -> None:
    """No two codes of an enum ask the same question."""
    hall, app = channel(zh="来源是什么？", en="Which source?").features()

    assert (hall.zh, app.en) == ("来源是什么？ (大厅)", "Which source? (app)")


def test_own_features_follow_the_shipped_ones() -> None:
    """The catalogue appends a court's features, so shipped columns keep their places."""
    extended = catalogue(Stage.A, [own(), channel()])

    assert extended[: len(catalogue(Stage.A))] == catalogue(Stage.A)
    assert [f.name for f in extended[-3:]] == ["x_calls", "x_channel.hall", "x_channel.app"]


def test_own_features_reach_the_matrix() -> None:
    """A court's fact stands in the last column of its rows."""
    rows = matrix(facts(own(), 5), catalogue(Stage.A, [own()]))

    assert rows[0, -1] == 5.0


def test_a_later_fact_serves_stage_b_only() -> None:
    """A field known during urging or after filing is no feature before filing."""
    later = own(known_at="U")

    assert catalogue(Stage.A, [later]) == catalogue(Stage.A)
    assert catalogue(Stage.B, [later])[-1].name == "x_calls"


@pytest.mark.parametrize("said", [{"usable_as_feature": False}, {"privacy": Privacy.PROTECTED}])
def test_a_closed_field_makes_no_feature(said: dict[str, object]) -> None:
    """What a court marks as protected, or as no feature, is carried and never read."""
    closed = own(**said)

    assert closed.features() == ()
    with pytest.raises(ForbiddenFieldError, match="may not read 'x_calls'"):
        own().features()[0].compute(facts(closed, 3))


def test_a_closed_field_may_be_of_any_type() -> None:
    """Text may be carried for people to read, as long as no feature asks for it."""
    assert own(kind="text", usable_as_feature=False).features() == ()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"name": "calls"}, "'calls'：名称须为 x_"),
        ({"name": "x_Calls"}, "a name is x_ and lower-case"),
        ({"known_at": "O"}, "known_at 'O' is none of P, A, L, U, F"),
        ({"kind": "text"}, "no feature can be made of type 'text'"),
        ({"kind": "set"}, "类型 'set' 不能作特征"),
        ({"zh": " "}, "a question in Chinese and in English is needed"),
        ({"kind": "enum", "pull": Pull.NONE}, "an enum lists its codes and has no pull"),
    ],
)
def test_an_unsound_declaration_is_refused(said: dict[str, object], message: str) -> None:
    """The refusal names the field and what is wrong with it."""
    with pytest.raises(ValueError, match=message):
        own(**said)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"pull": Pull.UP}, "枚举须列明代码，且不得声明方向"),
        ({"codes": ("hall", "hall")}, "codes must differ"),
        ({"codes": ("hall",)}, "each have its Chinese wording"),
        ({"codes": ("hall", "a/b")}, r"codes not allowed: \['a/b'\]"),
    ],
)
def test_an_unsound_enum_is_refused(said: dict[str, object], message: str) -> None:
    """An enum has distinct, safe, worded codes and no direction."""
    with pytest.raises(ValueError, match=message):
        channel(**said)


def test_two_fields_of_one_name_are_refused() -> None:
    """A catalogue cannot hold two features of one name."""
    with pytest.raises(ValueError, match=r"features of the same name: \['x_calls'\]"):
        catalogue(Stage.A, [own(), own()])


@pytest.mark.parametrize("extension", [own(), channel(), own(kind="text", usable_as_feature=False, note="手写")])
def test_a_declaration_survives_json(extension: ExtensionField) -> None:
    """What is written to a bundle or a history reads back as the same declaration."""
    assert ExtensionField.from_json(json.loads(json.dumps(extension.to_json()))) == extension


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"question": "?"}, r"unknown or missing in the declaration: \['question'\]"),
        ({"pull": "sideways"}, "'sideways' is not a valid Pull"),
        ({"unit": 3}, "value of 'unit' is of the wrong kind: 3"),
        ({"field": "x_calls"}, "value of 'field' is of the wrong kind: 'x_calls'"),
        ({"field": {"name": "x_calls"}}, r"\['en', 'known_at', 'type', 'zh'\]"),
        ({"field": own().to_json()["field"] | {"core": 1}}, "value of 'core' is of the wrong kind: 1"),
        ({"field": own().to_json()["field"] | {"codes": [1]}}, r"value of 'codes' is of the wrong kind: \[1\]"),
    ],
)
def test_a_damaged_declaration_is_refused(change: dict[str, object], message: str) -> None:
    """JSON is read strictly: no unknown key, no missing key, no value of another kind."""
    with pytest.raises(ValueError, match=message):
        ExtensionField.from_json(own().to_json() | change)


@pytest.mark.parametrize("document", [None, [], "x_calls"])
def test_a_document_that_is_no_object_is_refused(document: object) -> None:
    """A declaration is a JSON object."""
    with pytest.raises(ValueError, match="expected an object, got"):
        ExtensionField.from_json(document)


def test_every_group_has_its_own_code() -> None:
    """A court's facts stand under one reason code a group, apart from the shipped codes."""
    assert set(CODES) == set(Group)
    assert {"text", "set", "string", "list", "datetime"}.isdisjoint(TYPES)


def test_an_unknown_fact_stays_missing() -> None:
    """A court that did not send its own fact has a missing value, not zero."""
    assert np.isnan(own().features()[0].compute(facts(own(), np.nan))[0])
