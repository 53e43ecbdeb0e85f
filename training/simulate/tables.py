"""One simulated court as the tables of a history, and its truth, which training may not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from features import history_tables as history
from features.causes import VERSIONS
from features.events import CLOSE_MODES, EVENT_KINDS
from features.known import OBSERVED, Array
from features.register import load_register
from training.simulate import arrow
from training.simulate.course import process
from training.simulate.course.events import SOURCES, Events
from training.simulate.course.flow import Flow, recovered_by
from training.simulate.course.recording import handed_over
from training.simulate.record.application import Record
from training.simulate.record.debtors import INDUSTRIES
from training.simulate.record.draws import Columns, Rng, Rows, code
from training.simulate.settings import CLASSES, LANES, Court, Margins

WATERMARK = "模拟"
"""Claims under this were provisionally called fast at receipt, in yuan."""


@dataclass(frozen=True)
class Sheet:
    """What all tables of one court share: its number and code, the case keys, the seed of its tokens."""

    number: int
    court: Court
    ids: pa.Array
    salt: int
    margins: Margins


def cases_table(rng: Rng, sheet: Sheet, record: Record, clerk: Rows) -> pa.Table:
    """Return the applications with every field known at receipt."""
    register = load_register()
    arrays = {"case_id": sheet.ids}
    for name, values in record.columns.items():
        owner = name.partition("@")[0]
        if name.endswith(OBSERVED):
            arrays[name] = arrow.dates(values)
        elif owner in register and register[owner].type not in {"string", "text"}:
            arrays[name] = arrow.field_array(register[owner], values)
    clerks = [f"SIM-{sheet.number:02d}-C{number}" for number in range(1, len(sheet.margins.habit["clerks"]) + 1)]
    arrays |= _texts(rng, sheet, record) | {"clerk": arrow.texts_array(clerk, clerks)}
    names = [name for name in history.schema_of("cases", register).names if name in arrays]
    return pa.table({name: arrays[name] for name in names})


def _texts(rng: Rng, sheet: Sheet, record: Record) -> dict[str, pa.Array]:
    n = len(record.years)
    zeros = np.zeros(n)
    columns = record.columns
    region = 330_000 + 100 * record.debtors.facts["region"].astype(np.int64) + 1021
    own = record.debtors.of
    person = columns["debtor_type"] <= code("debtor_type", "individual_business")
    place = np.where(record.debtors.facts["local"] == 1, 331_022, region)[own]
    return {
        "court_code": arrow.texts_array(zeros, [sheet.court.code]),
        "currency": arrow.texts_array(zeros, ["CNY"]),
        "watermark": arrow.texts_array(zeros, [WATERMARK]),
        "basis_no": _basis_numbers(sheet, columns),
        "basis_authority": arrow.texts_array(_authority(rng, columns["basis_type"]), _authorities(sheet.court.code)),
        "cause_code": _cause_codes(sheet.margins, record),
        "industry_code": arrow.texts_array(np.nan_to_num(columns["industry_code"], nan=-1.0), INDUSTRIES),
        "id_token": arrow.tokens(_party(sheet.number, own), salt=sheet.salt),
        "huji_region": _regions(place, person),
        "batch_id": arrow.numbered(f"SIM-{sheet.number:02d}-B", record.batch, record.batch >= 0),
        "applicant_token": arrow.numbered(f"SIM-{sheet.number:02d}-A", record.applicants.who),
    }


def _party(court: int | Rows, numbers: Rows) -> Rows:
    """Return a number that belongs to one party of one court only."""
    return np.asarray(court, dtype=np.int64) * (1 << 40) + numbers


def _regions(place: Rows, person: np.ndarray) -> pa.Array:
    values, index = np.unique(place, return_inverse=True)
    return arrow.texts_array(np.where(person, index, -1), [str(value) for value in values])


_TYPE_WORDS = ("民初", "民初", "民特", "民督", "民特", "仲裁", "仲裁", "证执", "刑初", "刑初", "行审", "协外认")


def _basis_numbers(sheet: Sheet, columns: Columns) -> pa.Array:
    """Return numbers of the basis; awards and notarised debts carry numbers of their own form."""
    names = load_register()["basis_type"].codes
    order = (
        "judgment", "mediation", "judicial_confirmation", "payment_order", "security_realisation", "arbitral_award",
        "arbitral_mediation", "notarised_debt", "criminal_property", "civil_in_criminal", "administrative_penalty",
        "foreign_hkmt",
    )  # fmt: skip
    words = [_TYPE_WORDS[order.index(name)] for name in names]
    year = arrow.years_of(columns["basis_effective_date"])
    serial = 7 * arrow.serials(year, columns["basis_effective_date"])
    return arrow.case_numbers(year, sheet.court.code, arrow.texts_array(columns["basis_type"], words), serial)


_NOT_COURTS = {
    "arbitral_award": 1, "arbitral_mediation": 1, "notarised_debt": 2, "administrative_penalty": 3, "foreign_hkmt": 4,
}  # fmt: skip


def _authorities(court: str) -> list[str]:
    return [court, "仲裁委员会", "公证处", "行政机关", "境外机构", f"{court[:3]}"]


def _authority(rng: Rng, basis: Array) -> Array:
    """Return who made the basis: mostly the court itself, sometimes the court above."""
    above = rng.random(len(basis)) < 0.06
    place = np.where(above, 5.0, 0.0)
    for name, authority in _NOT_COURTS.items():
        place[basis == code("basis_type", name)] = authority
    return place


def _cause_codes(margins: Margins, record: Record) -> pa.Array:
    """Return the codes of the list that each basis stands under."""
    newest = record.columns["cause_version"] == VERSIONS.index("2026")
    codes = [code for cause in margins.causes.values() for code in (cause.code_2021, cause.code)]
    return arrow.texts_array(2 * record.applicants.cause + newest, codes)


def queries_table(sheet: Sheet, flow: Flow, columns: Columns, *, until: float) -> pa.Table:
    """Return the first network query of every case that was filed and queried in time."""
    register = load_register()
    rows = np.flatnonzero(flow["query_at"] < until)
    filed = flow["filed_at"][rows]
    year = arrow.years_of(filed)
    word = arrow.texts_array(np.zeros(len(rows)), ["执"])
    arrays = {
        "case_id": sheet.ids.take(pa.array(rows)),
        "enf_case_no": arrow.case_numbers(year, sheet.court.code, word, arrow.serials(year, filed)),
        "filed_at": arrow.instants(filed),
        "query_at": arrow.instants(flow["query_at"][rows]),
    }
    arrays |= {name: arrow.field_array(register[name], values[rows]) for name, values in columns.items()}
    names = [name for name in history.schema_of("queries", register).names if name in arrays]
    return pa.table({name: arrays[name] for name in names})


def events_table(sheet: Sheet, events: Events) -> pa.Table:
    """Return what happened, sorted by case and time."""
    return pa.table(
        {
            "case_id": sheet.ids.take(pa.array(events.row)),
            "at": arrow.instants(events.at),
            "recorded_at": arrow.instants(events.recorded_at),
            "kind": arrow.codes_array(events.kind, EVENT_KINDS),
            "amount": pa.array(events.amount, mask=np.isnan(events.amount)),
            "source": arrow.texts_array(events.source, SOURCES),
            "mode": arrow.codes_array(events.mode, CLOSE_MODES),
        }
    )


def debtors_table(sheet: Sheet, record: Record) -> pa.Table:
    """Return every debtor of every case: join keys only. Fellow debtors are tied to the first one's cases."""
    count = np.minimum(record.columns["n_debtors"], 9).astype(np.int64)
    rows = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(rows)) - np.searchsorted(rows, rows)
    key = _party(sheet.number, record.debtors.of[rows])
    fellow = _party(sheet.number + 100 * nth, rows)
    kinds = load_register()["debtor_type"].codes
    kind = np.where(nth == 0, record.columns["debtor_type"][rows], 0)
    return pa.table(
        {
            "case_id": sheet.ids.take(pa.array(rows)),
            "id_token": arrow.tokens(np.where(nth == 0, key, fellow), salt=sheet.salt),
            "type": arrow.texts_array(kind, kinds),
        }
    )


def truth_table(sheet: Sheet, record: Record, flow: Flow, oracle: Mapping[str, Array]) -> pa.Table:
    """Return what really was, what every lane would have brought, and the generator's own probabilities.

    Days count from filing, those of urging from its start, and `urge_after`, `file_after` (at once) and
    `convert_after` (an urging that failed) from receipt; null is never. `lane` is the lane that the habit chose, or
    would have chosen, after the query; `urge_part` the share that urging would bring where it does not bring all.
    `part_share` and `sale_share` come on `part_day` and `sale_day`, `other_share` where a case closes otherwise, each
    of what was due at filing; `handed_fast` says whether a case in the fast lane would be handed over.
    """
    wrong = np.sum(list(record.wrong.values()), axis=0)
    paid = flow["urge_paid_day"] < flow["urge_end_day"]
    columns = {
        "willingness": flow["will"], "wrong_n": wrong, "resume_day": flow["resume_day"],
        "urge_paid_day": np.where(paid, flow["urge_paid_day"], np.nan), "urge_end_day": flow["urge_end_day"],
        "urge_part": flow["urge_part_would"],
    }  # fmt: skip
    for name, instant in (("urge", "urge_start"), ("file", "filed_at_once"), ("convert", "filed_after")):
        columns[f"{name}_after"] = flow[instant] - record.columns["received_at"]
    everyone = np.arange(flow.n)
    for lane in LANES:
        how, closed = flow[f"how_{lane}"], flow[f"closed_{lane}"]
        for name, kind in (("full", process.FULL), ("zhongben", process.ZHONGBEN), ("other", process.OTHER)):
            columns[f"{name}_day_{lane}"] = np.where(how == kind, closed, np.nan)
        columns |= {f"{name}_day_{lane}": flow[f"{name}_day_{lane}"] for name in ("part", "sale")}
        columns[f"recovered_180_{lane}"] = recovered_by(flow, 180.0, rows=everyone, suffix=f"_{lane}")
    columns |= {name: flow[name] for name in ("part_share", "sale_share", "other_share")}
    columns["handed_fast"] = handed_over(flow["closed_fast"], flow["lag_days"]).astype(np.float64)
    columns["recovered_urge"] = paid.astype(np.float64)
    columns |= dict(oracle)
    means = arrow.codes_array(flow["means"], CLASSES)
    arrays = {name: pa.array(values, mask=~np.isfinite(values)) for name, values in columns.items()}
    lane = arrow.texts_array(flow.rows("lane"), LANES)
    return pa.table({"case_id": sheet.ids, "means": means, "lane": lane} | arrays)
