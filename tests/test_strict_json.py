"""Strict JSON: what two readers could understand differently is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.door.strict_json import NESTING, BadJsonError, canonical, read_object, written

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5))
def test_what_was_written_reads_back(sent: dict[str, object]) -> None:
    """Honest documents pass unchanged, whatever the spelling."""
    assert read_object(written(sent)) == sent
    assert read_object(json.dumps(sent).encode()) == sent
    assert canonical(read_object(json.dumps(sent, indent=2).encode())) == canonical(sent)


@pytest.mark.parametrize("text", ["𠮷野家", "\ue000私用", "é", "汉字 – ✓"])
def test_rare_and_private_characters_are_characters(text: str) -> None:
    """A name with a rare character is not an attack, escaped or not."""
    assert read_object(json.dumps({"n": text}).encode()) == {"n": text}
    assert read_object(json.dumps({"n": text}, ensure_ascii=False).encode()) == {"n": text}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "JSON_INVALID"),
        (b"   ", "JSON_INVALID"),
        (b"{", "JSON_INVALID"),
        (b'{"a":1} x', "JSON_INVALID"),
        (b"{'a':1}", "JSON_INVALID"),
        (b'{"a":01}', "JSON_INVALID"),
        (b'{"a":"\x01"}', "JSON_INVALID"),
        (b"null", "JSON_NOT_OBJECT"),
        (b"[]", "JSON_NOT_OBJECT"),
        (b'"x"', "JSON_NOT_OBJECT"),
        (b"1", "JSON_NOT_OBJECT"),
        (b'{"a":1,"a":2}', "JSON_DUPLICATE_KEY"),
        (b'{"c":{"a":1,"\\u0061":1}}', "JSON_DUPLICATE_KEY"),
        (b'{"a":NaN}', "JSON_NOT_FINITE"),
        (b'{"a":-Infinity}', "JSON_NOT_FINITE"),
        (b'{"a":1e999}', "JSON_NOT_FINITE"),
        (b'{"a":9223372036854775808}', "JSON_NUMBER"),
        (b'{"a":' + b"1" * 5000 + b"}", "JSON_NUMBER"),
        (b'{"a":0.' + b"1" * 41 + b"}", "JSON_NUMBER"),
        (b"\xef\xbb\xbf{}", "JSON_ENCODING"),
        (b'{"a":"\xff"}', "JSON_ENCODING"),
        ('{"a":"x"}'.encode("utf-16"), "JSON_ENCODING"),
        (b'{"a":"\\ud800"}', "JSON_ENCODING"),
        (b'{"\\udc00":1}', "JSON_ENCODING"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "JSON_TOO_DEEP"),
        (b'{"a":' + b"[" * 60_000, "JSON_TOO_DEEP"),
    ],
)
def test_hostile_bodies_are_refused_by_kind(body: bytes, code: str) -> None:
    """Each kind of mischief has its own code."""
    with pytest.raises(BadJsonError, match=code):
        read_object(body)


def test_brackets_inside_strings_are_not_depth() -> None:
    """A text full of brackets is a text."""
    assert read_object(json.dumps({"a": "[" * 100 + '"\\{' * 50}).encode()) == {"a": "[" * 100 + '"\\{' * 50}


def test_depth_at_the_limit_is_read() -> None:
    """Thirty-two levels pass."""
    body = b'{"a":' * 32 + b"1" + b"}" * 32
    assert list(read_object(body)) == ["a"]


def test_an_escaped_surrogate_pair_is_one_character() -> None:
    """Pairs are characters; only halves are refused."""
    assert read_object(b'{"a":"\\ud842\\udfb7"}') == {"a": "𠮷"}


def test_an_unfinished_string_is_read_once() -> None:
    """Every escape that starts the reading anew would cost as much as the whole body; the string is one piece."""
    unfinished = '"' + '\\"' * 16_000
    assert [found.span() for found in NESTING.finditer(unfinished)] == [(0, len(unfinished))]
    with pytest.raises(BadJsonError, match="JSON"):
        read_object(b"[" + b"[]," * 40 + unfinished.encode())
