"""The first difference of two documents: found in order, named as a JSON pointer, and nothing else is equal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.replay.difference import Difference, first_difference

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("one", "other", "pointer"),
    [
        ({"a": 1}, {"a": 2}, "/a"),
        ({"a": 1, "b": 2}, {"a": 1}, "/b"),
        ({"a": 1}, {"a": 1, "b": 2}, "/b"),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, "/a/b/1/c"),
        ([1, 2], [1, 2, 3], "/2"),
        ([1, 2, 3], [1, 2], "/2"),
        ({"a/b": {"~": 1}}, {"a/b": {"~": 2}}, "/a~1b/~0"),
        ({"a": 1}, [1], ""),
        ({"a": 1}, {"a": 1.0}, "/a"),
        ({"a": 1}, {"a": True}, "/a"),
        ({"a": None}, {}, "/a"),
        ({"a": "ab"}, {"a": ["a", "b"]}, "/a"),
        (0.1 + 0.2, 0.3, ""),
    ],
)
def test_the_first_difference_is_named(one: object, other: object, pointer: str) -> None:
    """Whatever differs first, in value, kind, length or presence."""
    found = first_difference(one, other)
    assert found is not None
    assert found.pointer == pointer


@given(JSON)
def test_a_document_does_not_differ_from_itself(document: object) -> None:
    """Nor from a copy that was written and read again."""
    assert first_difference(document, json.loads(json.dumps(document))) is None


@given(JSON, JSON)
def test_two_documents_differ_if_their_spelling_does(one: object, other: object) -> None:
    """No difference is overlooked, and none is made up."""
    spelt = [json.dumps(document, sort_keys=True) for document in (one, other)]
    found = first_difference(one, other)
    assert (found is None) == (spelt[0] == spelt[1])
    assert found is None or isinstance(found, Difference)
