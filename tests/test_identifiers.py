"""Numbers of courts and registries are read as the rules give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.identifiers import (
    ENFORCEMENT_TYPES,
    LOCAL_PREFIXES,
    CaseNumberError,
    IdentityKind,
    court_code,
    half_width,
    identify,
    is_local_number,
    parse_case_number,
    points_to_a_person,
)

CARD = "360426199101010071"
CREDIT = "91110000600037341L"


@pytest.mark.parametrize(
    "written",
    [
        "(2024)浙1022执123号",
        "（2024）浙1022执123号",
        "〔2024〕浙1022执123号",
        "（２０２４） 浙１０２２ 执 １２３ 号",
        "[2024]浙1022执123号",
    ],
)
def test_every_way_of_writing_gives_one_canonical_number(written: str):
    """Full-width digits, other brackets and spaces are ways of writing, not other cases."""
    number = parse_case_number(written)
    assert str(number) == "(2024)浙1022执123号"
    assert (number.year, number.court, number.type, number.serial) == (2024, "浙1022", "执", 123)


@pytest.mark.parametrize(
    ("written", "court", "type_"),
    [
        ("(2024)最高法知民终12号", "最高法", "知民终"),
        ("(2024)浙执复3号", "浙", "执复"),
        ("(2024)浙10民终88号", "浙10", "民终"),
        ("(2024)浙0192民初5号", "浙0192", "民初"),
        ("(2024)兵0101执7号", "兵0101", "执"),
        ("(2024)军0101民初7号", "军0101", "民初"),
        ("(2023)豫71执恢9号", "豫71", "执恢"),
        ("(2024)浙1022诉前调确1号", "浙1022", "诉前调确"),
        ("(2024)浙1022执保1号", "浙1022", "执保"),
    ],
)
def test_courts_of_every_level_are_read(written: str, court: str, type_: str):
    """Supreme, high, intermediate, basic and special courts each have their form."""
    number = parse_case_number(written)
    assert (number.court, number.type, number.known_type) == (court, type_, True)


@pytest.mark.parametrize(
    ("written", "sub", "canonical"),
    [("之一", 1, "之一"), ("之2", 2, "之二"), ("之十", 10, "之十"), ("之十二", 12, "之十二"), ("之二十", 20, "之二十")],
)
def test_sub_number_is_read_and_written_in_chinese(written: str, sub: int, canonical: str):
    """之N follows 号 and is written the way courts write it."""
    number = parse_case_number("(2024)浙1022执123号" + written)
    assert number.sub == sub
    assert str(number) == "(2024)浙1022执123号" + canonical


@given(st.integers(1, 99))
def test_sub_numbers_survive_a_round_trip(sub: int):
    """Writing a parsed number and parsing it again changes nothing."""
    number = parse_case_number(f"(2024)浙1022执123号之{sub}")
    assert parse_case_number(str(number)) == number
    assert number.sub == sub


@pytest.mark.parametrize(
    "written", ["（2014）台三执民字第123号", "(2009)三民初字第0045号", "（2015）浙台商终字第7-1号"]
)
def test_numbers_before_2016_are_kept_as_legacy(written: str):
    """Older numbers followed no table: they are accepted, flagged, and their court is not read."""
    number = parse_case_number(written)
    assert number.legacy
    assert number.court == ""
    assert not number.enforcement


@pytest.mark.parametrize(
    "text",
    [
        "",
        "执123号",
        "(2024)浙1022执0123号",
        "(2024)浙1022执号",
        "(24)浙1022执123号",
        "(2024)沙1022执123号",
        "(2024)浙102执123号",
        "(2014)浙1022执123号",
        "(2024)浙1022执123",
        "(2024)浙1022执123号之",
    ],
)
def test_what_is_no_case_number_is_refused(text: str):
    """Leading zeros, unknown provinces, three-digit courts and missing parts make no number."""
    with pytest.raises(CaseNumberError, match=r"不是有效案号.*not a case number"):
        parse_case_number(text)


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str):
    """No text makes the parser fail in another way."""
    try:
        number = parse_case_number(text)
    except CaseNumberError:
        return
    assert parse_case_number(str(number)) == number


@pytest.mark.parametrize("prefix", LOCAL_PREFIXES)
def test_local_urging_number_is_never_an_enforcement_number(prefix: str):
    """督, 执督 and the like are registers of one court; none of them shows that a case was filed."""
    number = parse_case_number(f"(2024)浙1022{prefix}12号")
    assert not number.enforcement
    assert not number.known_type
    assert is_local_number(number, LOCAL_PREFIXES)


def test_local_prefixes_are_the_courts_own():
    """A court's own prefix counts for that court only."""
    number = parse_case_number("(2024)浙1022先执12号")
    assert is_local_number(number, ("先执",))
    assert not is_local_number(number, LOCAL_PREFIXES)


@pytest.mark.parametrize("type_", ENFORCEMENT_TYPES)
def test_national_types_are_enforcement_and_only_one_is_resumed(type_: str):
    """执恢 is a resumed case, which pays at another rate than a first-time one."""
    number = parse_case_number(f"(2024)浙1022{type_}12号")
    assert number.enforcement
    assert number.resumed == (type_ == "执恢")


@pytest.mark.parametrize(
    ("text", "code"), [("浙1022", "浙1022"), ("浙１０２２ ", "浙1022"), ("浙", "浙"), ("最高法", "最高法")]
)
def test_court_code_is_normalised(text: str, code: str):
    """A court code is read however it was typed."""
    assert court_code(text) == code


@pytest.mark.parametrize("text", ["", "1022", "浙102", "浙10222", "三门", "zhe1022", "浙1022执"])
def test_what_is_no_court_code_is_none(text: str):
    """A court code is a province and none, two or four digits."""
    assert court_code(text) is None


def test_half_width_leaves_words_alone():
    """Only the width, the brackets and the spaces change."""
    assert half_width("　浙仲（2020）　字Ａ１　") == "浙仲(2020)字A1"


@pytest.mark.parametrize(
    ("raw", "kind", "ok"),
    [
        (CARD, IdentityKind.ID_CARD, True),
        ("360426 19910101 0071", IdentityKind.ID_CARD, True),
        ("360426199101010072", IdentityKind.ID_CARD, False),
        ("360426199113010071", IdentityKind.ID_CARD, False),
        (CREDIT, IdentityKind.CREDIT_CODE, True),
        (CREDIT.lower(), IdentityKind.CREDIT_CODE, True),
        ("91110000600037341M", IdentityKind.CREDIT_CODE, False),
        ("60003734-1", IdentityKind.ORGANISATION_CODE, True),
        ("600037341", IdentityKind.ORGANISATION_CODE, True),
        ("60003734-2", IdentityKind.ORGANISATION_CODE, False),
        ("360426910101007", IdentityKind.ID_CARD_15, None),
        ("810000199408230021", IdentityKind.OTHER, None),
        ("H60152145", IdentityKind.OTHER, None),
        ("E12345678", IdentityKind.OTHER, None),
    ],
)
def test_kinds_of_identity_numbers_are_told_apart(raw: str, kind: IdentityKind, ok: bool | None):
    """Cards, credit codes and organisation codes are checked; permits and passports have no check here."""
    identity = identify(raw)
    assert (identity.kind, identity.checksum_ok) == (kind, ok)


def test_old_and_new_card_of_one_person_are_one_number():
    """A card of 15 digits is the same person as its 18 digits, and must give the same token."""
    assert identify("360426910101007").number == CARD


@pytest.mark.parametrize("token", ["9b1c" * 16, "hmac:" + "9b1c" * 16])
def test_token_is_taken_as_it_is(token: str):
    """A token needs no check and loses its prefix."""
    assert identify(token).kind is IdentityKind.TOKEN
    assert identify(token).number == "9b1c" * 16


def test_identity_never_shows_its_number():
    """Whatever is printed or logged of an identity, the number is not."""
    assert CARD not in repr(identify(CARD))


@pytest.mark.parametrize(
    ("text", "held"),
    [(f"SQ-{CARD}", True), (CARD.lower(), True), ("SQ20261120-0187", False), ("360426199101010072", False)]
    + [(text, True) for text in (
        "360426-19910101-0071", "360426 19910101 0071", "360426.19910101.0071", "360426·19910101·0071",
        "36 0426_1991/0101–0071",
        "1-2-360426199101010071", "11010519491231002ｘ", "360426910101007", "SQ360426-910101-007",
        "３６０４２６９１０１０１００７",
        "138.1234.5678", "SQ_138_1234_5678", "008613812345678", "+86 138 1234 5678", "2026-13812345678", "١٣٨١٢٣٤٥٦٧٨",
        "6222021234567890003", "6222-0212-3456-7890-003", "SQ 6222 0212 3456 7890 003",
    )]
    + [(text, False) for text in (
        "20261120000187", "202611200000187", "2026112000018700", "202611200001870001", "(2026)浙1022执123号",
        "330102-2026-000123",
        "SQ-2026-11-20-0001-0002", "SQ-2026-1399-0001-234", "360426911301007",
        "6222021234567890004", "浙1022-2026-0000000001",
    )],
)  # fmt: skip
def test_a_hidden_number_of_a_person_is_found(text: str, held: bool):
    """However it is written and grouped; an application number is not taken for one."""
    assert points_to_a_person(text) == held


@given(st.text(max_size=40))
def test_any_text_is_some_identity(text: str):
    """Nothing that a clerk types makes the check fail."""
    assert identify(text).kind in IdentityKind
