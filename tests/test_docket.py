"""The docket: a court's own list goes in, who takes what comes out, and what is wrong is told by line and column."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from models.lanes import LANE_CODE, Lane
from models.strict_table import SettingsError
from tests.builders_assignment import demand
from tests.builders_case import case_document
from tests.builders_docket import assigned, grouped, lines, verified
from tests.builders_history import a_case, instant, write_history
from tests.builders_teams import FILE
from training.console import Form
from training.docket.opening import as_decided
from training.docket.routed import Routed
from training.errors import CommandError

PLAIN = ("SQ001", "快执")
ENFORCE = FILE.replace('role = "fast"', 'role = "enforcement"').replace("complex = 3", "complex = 1")
OLDER_TEAM = """
[[team]]
id = "kz9"
name = "原承办团队"
role = "enforcement"
from = 2026-01-01
[[team.member]]
id = "9001"
per_day = 4
"""


def rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a written file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_list_in_chinese_is_given_to_teams_and_members(tmp_path: Path) -> None:
    """Two fast cases go to the fast team; the one of the complex lane waits for a team that is not there."""
    source = lines(tmp_path / "day.csv", PLAIN, ("SQ002", "快执", "民间借贷", "是", "2026-11-27"), ("SQ003", "精办"))
    ran = assigned(tmp_path, source)
    written = rows(tmp_path / "assigned.csv")

    assert ran.status == 1
    assert [(one["team"], bool(one["member"])) for one in written] == [("kz1", True), ("kz1", True), ("", False)]
    assert written[1]["rank"] == "涉民生·3 日内到期"
    assert (written[2]["waits"], written[2]["reason"]) == ("1.0", "没有办理该程序、该类案件的团队")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_lists_of_either_encoding_and_either_language_are_read(tmp_path: Path, encoding: str) -> None:
    """A spreadsheet of the court writes GB 18030; a system writes English codes."""
    both = lines(tmp_path / "a.csv", PLAIN, encoding=encoding), lines(
        tmp_path / "b.csv", ("SQ001", "fast"), headings=("case_id", "lane")
    )  # fmt: skip
    found = [json.loads(assigned(tmp_path, one, force=True).out)["given"] for one in both]

    assert found == [1, 1]


BAD = {
    "lane": (("SQ001", "快"), "第 2 行“程序”"),
    "livelihood": (("SQ001", "快执", "", "也许"), "第 2 行“涉民生”"),
    "day": (("SQ001", "快执", "", "", "2026-13-01"), "第 2 行“法定期限”"),
    "value": (("SQ001", "快执", "", "", "", "", "nan"), "第 2 行“名额价值”"),
    "family": (("SQ001", "快执", "合同"), "第 2 行“案由类别”"),
    "id": (("", "快执"), "有空编号"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_cell_that_makes_no_sense_is_told_by_line_and_column(tmp_path: Path, what: str) -> None:
    """The list is refused, nothing is written, and the cell's content is not repeated."""
    row, message = BAD[what]
    with pytest.raises(CommandError, match=message) as caught:
        assigned(tmp_path, lines(tmp_path / "day.csv", row))

    assert caught.value.refusal.code == "LIST_REJECTED"
    assert not (tmp_path / "assigned.csv").exists()


@pytest.mark.parametrize("headings", [("案件编号", "承办"), ("案件编号",), ("案件编号", "程序", "lane")])
def test_unknown_missing_and_double_columns_are_refused(tmp_path: Path, headings: tuple[str, ...]) -> None:
    """A column under another name would be lost in silence; the message lists the names that are read."""
    with pytest.raises(CommandError, match="可用的列：case_id（案件编号）"):
        assigned(tmp_path, lines(tmp_path / "day.csv", PLAIN[: len(headings)], headings=headings))


def test_a_case_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Otherwise two members would get it."""
    with pytest.raises(CommandError, match="编号重复 1 个"):
        assigned(tmp_path, lines(tmp_path / "day.csv", PLAIN, PLAIN))


def test_nothing_is_overwritten_and_a_rehearsal_writes_nothing(tmp_path: Path) -> None:
    """A second run needs --force; --dry-run leaves no file."""
    source = lines(tmp_path / "day.csv", PLAIN)
    assigned(tmp_path, source, dry_run=True)
    assert not (tmp_path / "assigned.csv").exists()

    assigned(tmp_path, source)
    with pytest.raises(CommandError, match=r"assigned\.draw\.json 已存在"):
        assigned(tmp_path, source)


def test_the_record_of_the_draw_can_be_verified_and_a_forgery_is_found(tmp_path: Path) -> None:
    """The file checks out with the fingerprint told; with a member changed it does not."""
    printed = json.loads(assigned(tmp_path, lines(tmp_path / "day.csv", PLAIN)).out)["draw_sha256"]
    record = tmp_path / "assigned.draw.json"
    assert verified(tmp_path, record, printed).status == 0

    plain = json.loads(record.read_text("utf-8"))
    other = {"1001": "1002", "1002": "1001"}[plain["draws"][0]["member"]]
    plain["draws"][0]["member"] = other
    record.write_text(json.dumps(plain), encoding="utf-8")
    forged = verified(tmp_path, record, printed)

    assert forged.status == 1
    assert {one["code"] for one in json.loads(forged.out)["faults"]} == {"fingerprint", "draw"}


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    """A list is no record of a draw."""
    with pytest.raises(CommandError, match="不是抽取记录"):
        verified(tmp_path, lines(tmp_path / "day.csv", PLAIN))


def test_a_team_file_with_slips_is_refused_with_all_of_them(tmp_path: Path) -> None:
    """Both slips are told at once, with their places."""
    slips = FILE.replace('role = "fast"', 'role = "quick"').replace("per_week = 15", "per_week = -1")
    with pytest.raises(CommandError, match=r"teams\.toml 有 2 处错误.*team kz1 member 1.*team kz1") as caught:
        assigned(tmp_path, lines(tmp_path / "day.csv", PLAIN), teams=slips)

    assert caught.value.refusal.code == "SETTING_REJECTED"
    assert isinstance(caught.value.__cause__, SettingsError)


def test_what_members_had_before_lowers_what_they_get(tmp_path: Path) -> None:
    """With the week nearly full the first member takes one more, not four."""
    headings = ("人员编号", "今日已分", "本周已分", "在办")
    loads = lines(tmp_path / "loads.csv", ("1001", "0", "14", "60"), headings=headings)
    source = lines(tmp_path / "day.csv", *[(f"SQ{i:03d}", "快执") for i in range(6)])
    ran = json.loads(assigned(tmp_path, source, loads=loads).out)

    assert ran["teams"][0]["free"] == 3.0
    assert (ran["given"], len(ran["waiting"])) == (3, 3)


def test_a_judge_s_decision_stands_before_the_list(tmp_path: Path) -> None:
    """The lane decided by a person is taken; a decision on a case that is not there is refused."""
    source = lines(tmp_path / "day.csv", ("SQ001", "精办"))
    decided = lines(tmp_path / "decided.csv", ("SQ001", "快执"), headings=("案件编号", "程序"))
    stranger = lines(tmp_path / "stranger.csv", ("SQ009", "快执"), headings=("案件编号", "程序"))

    assert json.loads(assigned(tmp_path, source, decided=decided).out)["given"] == 1
    with pytest.raises(CommandError, match="1 件不在待分案件之内"):
        assigned(tmp_path, source, decided=stranger, force=True)


def test_the_table_reads_as_a_team_leader_needs_it(tmp_path: Path) -> None:
    """Teams, what they got, what a place is worth, the seed, the fingerprint, notes, and the figures used."""
    source = lines(tmp_path / "day.csv", *[(f"SQ{i:03d}", "快执", "", "", "", "", "50") for i in range(8)])
    ran = assigned(tmp_path, source, form=Form.TABLE)

    for words in (
        "快执团队",
        "约值 50.00 元",
        "分案 6 件，待分 2 件",
        "种子 7",
        "方案已证明最优",
        "出厂假定",
        "超出 2",
    ):
        assert words in ran.out


def test_requests_are_routed_by_rule_and_linked_before_they_are_given(tmp_path: Path) -> None:
    """Two applications against one debtor come from a file of requests and go to one member."""
    token = "a" * 64
    facts = {"id_token": token, "consent_urge": "refuse"}
    sent = [case_document(application_id=f"SQ20261120-{i:04d}", **facts) for i in range(2)]
    source = tmp_path / "cases.ndjson"
    source.write_text("\n".join(json.dumps(one) for one in [*sent, {"stage": "A"}]), encoding="utf-8")
    ran = assigned(tmp_path, source, teams=ENFORCE)
    written = rows(tmp_path / "assigned.csv")

    assert ran.status == 3
    assert "第 3 行未读入" in ran.err
    assert {one["group"] for one in written} == {"债:SQ20261120-0000"}
    assert len({one["member"] for one in written}) == 1


def test_a_team_that_the_court_s_rules_name_gets_the_case(tmp_path: Path) -> None:
    """A published rule pools financial cases, and a team answers to its code."""
    source, bank = tmp_path / "cases.ndjson", {"applicant_type": "bank", "consent_urge": "refuse"}
    sent = [case_document(application_id="SQ20261120-1", **bank), case_document(application_id="SQ20261120-2")]
    sent[1]["case"]["id_token"] = "b" * 64
    source.write_text("\n".join(map(json.dumps, sent)), encoding="utf-8")
    pool = '\n[[team]]\nid = "jr"\nname = "涉金融团队"\nrole = "financial"\nfrom = 2026-01-01\n'
    pool += 'answers_to = ["finance"]\n[[team.member]]\nid = "1201"\nper_day = 12\n'
    ran = assigned(tmp_path, source, teams=ENFORCE + pool, rules=Path("profile:tianjin"))
    teams = {one["case_id"]: one["team"] for one in rows(tmp_path / "assigned.csv")}

    assert ran.status == 0
    assert teams["SQ20261120-1"] == "jr"


def test_a_rule_that_drew_the_lane_leads_nowhere_once_a_person_draws_another() -> None:
    """Other rules still name their teams."""
    both = [frozenset({"major", "finance"})] * 2
    cases = demand(2, lane=[Lane.COMPLEX, Lane.COMPLEX], led=both)
    routed = cast("Routed", SimpleNamespace(led=[frozenset({"finance"})] * 2))

    then = as_decided(cases, {cases.ids[0]: LANE_CODE[Lane.FAST]}, routed)

    assert then.led == [{"finance"}, {"major", "finance"}]


def history(folder: Path, n: int = 12) -> Path:
    """Write a history of one bank's cases, a day apart, each against a debtor of its own but the last two."""
    cases = [
        a_case(f"c{i:02d}", received_at=instant(i), applicant_token="bank", consent_urge="refuse") for i in range(n)
    ]
    debtors = [{"case_id": f"c{i:02d}", "id_token": f"{min(i, n - 2):064x}", "type": "person"} for i in range(n)]
    return write_history(folder / "history", cases=cases, debtors=debtors)


def test_a_history_is_grouped_and_marked_as_simulated(tmp_path: Path) -> None:
    """Twelve cases of one form are a serial batch, two share a debtor, and the mark is there."""
    ran = grouped(tmp_path, history(tmp_path))
    told, written = json.loads(ran.out), rows(tmp_path / "groups.csv")

    assert ran.status == 0
    assert (told["serial_batches"], told["debtor_groups"]) == (1, 1)
    assert told["data"] == "模拟 / simulated"
    assert [one["group"] for one in written] == ["rest"] * 10 + ["same_debtor"] * 2
    assert {one["serial_link"] for one in written} == {"系:c00"}


def test_tokens_reach_no_output(tmp_path: Path) -> None:
    """Join keys of debtors stand in no file and on no screen."""
    ran = grouped(tmp_path, history(tmp_path))
    text = ran.out + ran.err + (tmp_path / "groups.csv").read_text("utf-8-sig")

    assert f"{3:064x}" not in text


def test_only_the_days_asked_for_are_taken(tmp_path: Path) -> None:
    """From the second to the fourth of January, both included, are three cases; beyond there are none."""
    source = history(tmp_path)
    told = json.loads(grouped(tmp_path, source, since=date(2022, 1, 2), until=date(2022, 1, 4)).out)

    assert sum(one["count"] for one in told["groups"]) == 3
    with pytest.raises(CommandError, match="所选日期内没有案件"):
        grouped(tmp_path, source, since=date(2030, 1, 1), force=True)


def test_debtors_on_hand_are_known_from_the_court_s_list(tmp_path: Path) -> None:
    """A debtor with an older case is a group of its own, and his new case stays with the team that has it."""
    source = history(tmp_path)
    headings = ("被执行人标识", "团队")
    hands = lines(tmp_path / "hands.csv", (f"{3:064x}", "kz9"), headings=headings)
    grouped(tmp_path, source, on_hand=hands)
    assigned(tmp_path, source, on_hand=hands, teams=ENFORCE + OLDER_TEAM, until=date(2022, 1, 5))

    assert [one["group"] for one in rows(tmp_path / "groups.csv")][3] == "same_debtor"
    assert [one["team"] for one in rows(tmp_path / "assigned.csv") if one["case_id"] == "c03"] == ["kz9"]


def test_trends_show_no_small_counts(tmp_path: Path) -> None:
    """Twelve cases of one applicant in one month show; the token is cut, the mark is there."""
    ran = grouped(tmp_path, history(tmp_path), trends=2, form=Form.CSV)

    assert ran.out.splitlines() == ["kind,2021-12,2022-01,now,before,change", "bank,0,12,12,0,基数小，不计"]
    assert not (tmp_path / "groups.csv").exists()


def test_trends_go_by_any_kind_that_tells_nothing_of_a_person(tmp_path: Path) -> None:
    """By court or by family of causes; a fact of a person, a number and an unknown name are refused."""
    source = history(tmp_path)
    told = json.loads(grouped(tmp_path, source, trends=1, by="cause_code.family").out)

    assert [(one["kind"], one["now"]) for one in told["rows"]] == [("金融借款", "12")]
    for wrong in ("gender", "id_token", "claim_amount", "nothing"):
        with pytest.raises(CommandError, match="不涉及个人的分类字段"):
            grouped(tmp_path, source, trends=1, by=wrong)
