"""Assignments on the way out: who takes what and why, for people and for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.assignment import REASON_WORDS, Assignment, Price, rank_words
from models.lanes import lane_of
from models.lots import DrawRecord
from models.note import Note
from models.utility import OF_PLACES, OF_SPECIALISTS, Utility
from training.console import Column, Lang, Result
from training.docket.wording import data_of, marked, notes_of, plain_notes, say, texts, used

Columns = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Told:
    """An assignment with what is told beside it: the figures it rests on, the files written, and whose data it was.

    In a day's list the value of a place is `listed` by the court itself.
    """

    done: Assignment
    utility: Utility
    files: Mapping[str, Path]
    listed: bool
    simulated: bool


def columns_of_assignment(done: Assignment, lang: Lang) -> Columns:
    """Return one row for each case: where it goes, or its place among those that wait, and why."""
    place = np.full(len(done.demand), np.nan)
    place[done.waiting] = np.arange(1, len(done.waiting) + 1)
    lanes = [lane_of(code) for code in done.demand.lane.tolist()]
    ranks = [rank_words(rank, done.steps) for rank in done.rank.tolist()]
    return {
        "case_id": texts(done.demand.ids),
        "lane": texts([None if lane is None else str(lane) for lane in lanes]),
        "team": texts(done.team),
        "member": texts(done.member),
        "rank": texts([say(lang, *words) for words in ranks]),
        "weight": done.weight,
        "value": np.where(np.isfinite(done.demand.value), done.demand.value, np.nan),
        "group": texts(done.demand.group),
        "waits": place,
        "reason": texts([None if why is None else say(lang, *REASON_WORDS[why]) for why in done.reason]),
    }


def of_assignment(told: Told, lang: Lang) -> Result:
    """Show what every team got, what waits and why, and what one more place would be worth."""
    done = told.done
    columns = (
        Column("team", "团队", "team"),
        Column("name", "名称", "name"),
        Column("free", "可收", "free"),
        Column("given", "收案折算", "given"),
        Column("cases", "件数", "cases"),
        Column("filling", "已用", "filled"),
        Column("price", "再多一个名额", "one more place"),
    )
    prices = {one.team: one for one in done.prices}
    rows = [
        {
            "team": one.team,
            "name": one.name,
            "free": one.free,
            "given": one.given,
            "cases": one.cases,
            "filling": None if math.isnan(one.filling) else f"{one.filling:.0%}",
            "price": _price(prices.get(one.team), done.steps, lang),
        }
        for one in done.teams
    ]
    given, waiting = len(done.demand) - len(done.waiting), len(done.waiting)
    good, good_en = _proof(done)
    lot = f"种子 {done.record.seed}，抽取记录指纹 {done.record.sha256}"
    lot_en = f"seed {done.record.seed}, fingerprint {done.record.sha256}"
    zh = f"{done.day}：分案 {given} 件，待分 {waiting} 件；{good}\n{lot}"
    en = f"{done.day}: {given} cases given, {waiting} wait; {good_en}\n{lot_en}"
    lines = told.utility.table(OF_SPECIALISTS if told.listed else OF_PLACES)
    more = (*notes_of(done.notes, lang), used(lines, told.utility.set_by, lang))
    return Result(columns, rows, _document(told), *marked(zh, en, simulated=told.simulated), more=more)


def of_verification(record: DrawRecord, faults: Sequence[Note], lang: Lang) -> Result:
    """Show whether a draw follows from its seed."""
    columns = (Column("code", "项目", "item"), Column("what", "不符之处", "what differs"))
    rows = [{"code": one.code, "what": say(lang, one.zh, one.en)} for one in faults]
    document = {
        "right": not faults,
        "seed": record.seed,
        "day": record.day,
        "draws": len(record.draws),
        "sha256": record.sha256,
        "faults": plain_notes(faults),
    }
    verdict = ("与种子逐一相符", "all as the seed has it") if not faults else (f"{len(faults)} 处不符", "not right")
    head = f"{record.day}，种子 {record.seed}，{len(record.draws)} 次抽取"
    head_en = f"{record.day}, seed {record.seed}, {len(record.draws)} draws"
    return Result(columns, rows, document, f"{head}：{verdict[0]}", f"{head_en}: {verdict[1]}")


def _price(price: Price | None, steps: Sequence[int], lang: Lang) -> str | None:
    """Return the price without the team's name, which stands in its own column."""
    if price is None:
        return None
    zh, en = price.words(steps)
    return zh.partition("：")[2] if lang is Lang.ZH else en.partition(": ")[2]


def _proof(done: Assignment) -> tuple[str, str]:
    """Say how good the plan is known to be."""
    proof = done.proof
    if proof.best:
        return "方案已证明最优", "no plan is better"
    if math.isnan(proof.bound):
        return "求解未完成，按先后次序分派", "the solver gave up; places were given in order"
    if proof.short is not None:
        zh, en = rank_words(proof.short, done.steps)
        less = proof.most[proof.short] - proof.placed[proof.short]
        return (
            f"“{zh}”比上界少 {less} 件，在其前各级已达最多",
            f"“{en}” {less} cases below the bound, all earlier at most",
        )
    share = f"{min(proof.value / proof.bound, 1.0) if proof.bound > 0 else 1.0:.2%}"
    return f"优先各级已达最多，价值不低于上界的 {share}", f"urgent ranks at most, value at least {share} of the bound"


def _document(told: Told) -> dict[str, object]:
    done, utility = told.done, told.utility
    return {
        "day": str(done.day),
        "data": data_of(simulated=told.simulated),
        "files": {name: str(path) for name, path in told.files.items()},
        "seed": done.record.seed,
        "draw_sha256": done.record.sha256,
        "given": len(done.demand) - len(done.waiting),
        "waiting": [_waits(done, row) for row in done.waiting.tolist()],
        "teams": [
            {
                "team": one.team,
                "free": one.free,
                "given": one.given,
                "cases": one.cases,
                "filling": _finite(one.filling),
            }
            for one in done.teams
        ],
        "prices": [_priced(one, done.steps) for one in done.prices],
        "proof": _proved(done),
        "notes": plain_notes(done.notes),
        "utility": {"version": utility.version, "set_by": utility.set_by, "sha256": utility.sha256},
    }


def _waits(done: Assignment, row: int) -> dict[str, object]:
    zh, en = rank_words(int(done.rank[row]), done.steps)
    return {"case_id": done.demand.ids[row], "reason": str(done.reason[row]), "rank": zh, "rank_en": en}


def _priced(one: Price, steps: Sequence[int]) -> dict[str, object]:
    zh, en = one.words(steps)
    more = None if one.more is None else {"rank": rank_words(one.more[0], steps)[0], "cases": one.more[1]}
    return {
        "team": one.team,
        "place": one.place,
        "more": more,
        "value": one.value,
        "dual": one.dual,
        "zh": zh,
        "en": en,
    }


def _proved(done: Assignment) -> dict[str, object]:
    proof = done.proof
    return {
        "best": proof.best,
        "value": proof.value,
        "bound": _finite(proof.bound),
        "placed": {rank_words(rank, done.steps)[0]: count for rank, count in proof.placed.items()},
        "most": {rank_words(rank, done.steps)[0]: count for rank, count in proof.most.items()},
    }


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else value
