"""Data-quality flags: contradictions that are told to the reader and never refuse a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from features.causes import VERSIONS, cause_of, version_on
from features.clock import days_of
from features.columns import complete, encode
from features.derived import DERIVATIONS
from features.register import Register, Stage


@dataclass(frozen=True)
class QualityFlag:
    """A doubt about the data, tied to a field, in two languages; never quotes a value."""

    code: str
    field: str
    zh: str
    en: str


WORDINGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "BASIS_NO_UNPARSED": ("执行依据案号不符合案号格式", "the basis number does not have the form of a case number"),
        "BASIS_NO_LEGACY": ("执行依据为 2016 年前旧案号，未解析法院", "the basis number predates 2016"),
        "ENF_CASE_NO_LEGACY": ("执行案号为 2016 年以前的旧案号", "the enforcement number predates 2016"),
        "PRE_CASE_NO_UNPARSED": ("执前编号不符合编号格式", "the urging number has no form of a number"),
        "PRE_CASE_NO_PREFIX": ("执前编号的类型代字不在本院配置内", "the urging number's prefix is unknown here"),
        "ID_CHECKSUM_FAILED": ("证件号校验位不符", "the identity number's check digit does not hold"),
        "SOURCE_TIMEOUT": ("来源超时未返回，按未知处理", "the source timed out; treated as unknown"),
        "SOURCE_UNAVAILABLE": ("来源不可用，按未知处理", "the source was unavailable; treated as unknown"),
        "DERIVED_MISMATCH": ("传入值与计算值不一致，以计算值为准", "the value sent differs from the computed one"),
        "LIVELIHOOD_ENTERED": (
            "登记的涉民生类别与案由不同，以登记为准，按涉民生优先办理",
            "the livelihood claim as entered is not the cause's; what was entered holds and comes first",
        ),
        "LIVELIHOOD_BY_CAUSE": (
            "登记为非涉民生，而案由属涉民生，以案由为准，仍优先办理",
            "entered as no livelihood claim, but by its cause it is one; the cause holds and it comes first",
        ),
        "CAUSE_CODE_UNKNOWN": ("案由代码不在该版本案由表内，归入“其他”", "unknown cause code; treated as other"),
        "CAUSE_VERSION_MISMATCH": ("案由版本在收到申请时尚未施行", "the cause version was not yet in force"),
        "PRESERVED_CONTRADICTION": ("未保全却填有保全财产", "nothing preserved, yet assets are given"),
        "PRESERVATION_EXPIRED": ("保全已到期", "the preservation has expired"),
        "SEAL_RANK_CONTRADICTION": ("首封与轮候顺位矛盾", "first seal and rank contradict each other"),
        "INSTALMENT_CONTRADICTION": ("非分期却填有最后一期届满日", "no instalments, yet a last one is given"),
        "CLUE_CONTRADICTION": ("线索条数为 0 却填有线索类型", "no clue counted, yet kinds are given"),
        "CURRENCY_NOT_YUAN": (
            "币种不是人民币，规则所比较的金额按未知处理，请折算后填写",
            "not in yuan; rules treat the amounts as unknown until they are converted",
        ),
        "PRINCIPAL_ABOVE_CLAIM": ("本金大于申请执行标的额", "the principal exceeds the claim"),
        "PRIOR_CASES_CONTRADICTION": ("历史完毕与终本之和大于历史件数", "closed prior cases exceed all"),
        "DISHONEST_CONTRADICTION": ("当前失信但累计失信次数为 0", "listed now, yet never listed"),
        "DEBTOR_TYPE_CONTRADICTION": ("自然人却填有企业登记信息", "a person with a company record"),
        "COLLATERAL_CONTRADICTION": ("无担保物却填有担保物价值", "no collateral, yet its value is given"),
        "URGE_CONTRADICTION": ("督促结果与督促回款矛盾", "result and money of the urging disagree"),
    },
)
"""Flag -> Chinese and English wording."""

_PRESERVED = ("pres_cash", "pres_realty_n", "pres_vehicle_n", "pres_other_value")
_COMPANY = ("reg_status", "est_years", "reg_capital", "paid_in_capital", "insured_headcount")

Values = Mapping[str, Any]

_CHECKS: tuple[tuple[str, str, Callable[[Values], bool]], ...] = (
    (
        "PRESERVED_CONTRADICTION",
        "preserved",
        lambda v: v.get("preserved") is False and any(v.get(name, 0) > 0 for name in _PRESERVED),
    ),
    (
        "SEAL_RANK_CONTRADICTION",
        "seal_rank",
        lambda v: "seal_rank" in v and "first_seal" in v and v["first_seal"] != (v["seal_rank"] == 1),
    ),
    (
        "INSTALMENT_CONTRADICTION",
        "last_instalment_due",
        lambda v: v.get("instalment") is False and "last_instalment_due" in v,
    ),
    ("CURRENCY_NOT_YUAN", "currency", lambda v: v.get("currency", "CNY") != "CNY"),
    ("ID_CHECKSUM_FAILED", "id_token", lambda v: v.get("id_checksum_ok") is False),
    ("CLUE_CONTRADICTION", "clue_n", lambda v: v.get("clue_n") == 0 and bool(v.get("clue_types"))),
    (
        "PRINCIPAL_ABOVE_CLAIM",
        "principal",
        lambda v: "principal" in v and "claim_amount" in v and v["principal"] > v["claim_amount"],
    ),
    (
        "PRIOR_CASES_CONTRADICTION",
        "prior_enf_n",
        lambda v: "prior_enf_n" in v and v.get("prior_full_n", 0) + v.get("prior_zhongben_n", 0) > v["prior_enf_n"],
    ),
    ("DISHONEST_CONTRADICTION", "dishonest_n", lambda v: v.get("dishonest_now") is True and v.get("dishonest_n") == 0),
    (
        "DEBTOR_TYPE_CONTRADICTION",
        "debtor_type",
        lambda v: v.get("debtor_type") == "person" and any(name in v for name in _COMPANY),
    ),
    (
        "COLLATERAL_CONTRADICTION",
        "collateral_value",
        lambda v: v.get("collateral_type") == "none" and v.get("collateral_value", 0) > 0,
    ),
    (
        "URGE_CONTRADICTION",
        "urge_result",
        lambda v: v.get("urge_result") in {"paid", "partial"} and v.get("urge_paid") == 0,
    ),
)
"""Flag, field, and the contradiction that raises it."""

_UNANSWERED = {"source_timeout": "SOURCE_TIMEOUT", "source_unavailable": "SOURCE_UNAVAILABLE"}


def flag(code: str, field: str) -> QualityFlag:
    """Return the flag of this code with its wording."""
    return QualityFlag(code, field, *WORDINGS[code])


def flags_of(
    values: Values,
    *,
    missing: Mapping[str, str],
    as_of: datetime,
    stage: Stage,
    register: Register,
) -> Iterator[QualityFlag]:
    """Yield every doubt about a case's values."""
    yield from (flag(code, field) for code, field, holds in _CHECKS if holds(values))
    yield from (flag(_UNANSWERED[why], name) for name, why in missing.items() if why in _UNANSWERED)
    if values.get("preserved") is not False and "pres_expiry" in values and values["pres_expiry"] < as_of.date():
        yield flag("PRESERVATION_EXPIRED", "pres_expiry")
    yield from _cause_flags(values)
    yield from _mismatches(values, as_of=as_of, stage=stage, register=register)


def _cause_flags(values: Values) -> Iterator[QualityFlag]:
    if "cause_code" not in values:
        return
    day = values.get("basis_effective_date") or values["received_at"].date()
    version = values.get("cause_version", version_on(day))
    if VERSIONS.index(version) > VERSIONS.index(version_on(max(day, values["received_at"].date()))):
        yield flag("CAUSE_VERSION_MISMATCH", "cause_version")
    if cause_of(version, values["cause_code"]) is None:
        yield flag("CAUSE_CODE_UNKNOWN", "cause_code")


_COMPUTED = frozenset(d.name for d in DERIVATIONS)
_GRANTING = frozenset(d.name for d in DERIVATIONS if d.grants)
_TOLERANCE = {"delay_interest_est": 1.0, "fee_est": 1.0, "pres_cash_cover": 0.005}
"""Field -> how far a sent value may lie from the computed one (yuan, or share)."""


def _mismatches(values: Values, *, as_of: datetime, stage: Stage, register: Register) -> Iterator[QualityFlag]:
    """Compare what was sent with what is computed, where both exist."""
    sent = _COMPUTED & values.keys()
    if not sent:
        return
    facts: dict[str, npt.NDArray[np.generic]] = {}
    for name in values.keys() - sent:
        facts |= encode(register[name], [values[name]])
    computed = complete(facts, 1, register, stage, as_of=np.array([days_of(as_of)]))
    for name in sorted(sent):
        told = encode(register[name], [values[name]])[name].item()
        worked_out = computed[name].item()
        if abs(told - worked_out) > _TOLERANCE.get(name, 0.0):
            yield flag(_mismatch(told, grants=name in _GRANTING), name)


def _mismatch(told: float, *, grants: bool) -> str:
    """Return which of both values holds: a kind that grants does, whatever else is worked out does not."""
    if not grants:
        return "DERIVED_MISMATCH"
    return "LIVELIHOOD_ENTERED" if told > 0 else "LIVELIHOOD_BY_CAUSE"
