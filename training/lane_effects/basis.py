"""The few facts of a case that lane effects are laid out over: its scores, its size, and what the query found."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.known import Array
from features.register import Stage
from models.scores import ScoreTable
from training.scoring.input import Batch

USUAL = 4.8
"""log10 of a usual claim in yuan."""


def basis(batch: Batch, table: ScoreTable) -> Array:
    """Return the basis of n cases, shape (n, width), the first column one; NaN where a score is not finite."""
    columns = _scores(table) | {"size": _log_claim(batch), "firm": _firm(batch)}
    ability = columns["ability"]
    if batch.stage is Stage.A:
        columns |= {"will²": columns["willingness"] ** 2, "will·ability": columns["willingness"] * ability}
    else:
        found, quick = _found(batch), columns["quick_close"]
        columns |= found | {"realty·ability": found["realty"] * ability, "wage·ability": found["wage"] * ability}
        columns |= {"quick²": quick**2, "quick·ability": quick * ability}
    return _laid_out(columns | {"ability²": ability**2, "size·ability": columns["size"] * ability})


def facts(batch: Batch) -> Array:
    """Return the basis without scores, for cases that no score may speak of, shape (n, width), the first column one."""
    columns = {"size": _log_claim(batch), "firm": _firm(batch)}
    return _laid_out(columns if batch.stage is Stage.A else columns | _found(batch))


def _laid_out(columns: Mapping[str, Array]) -> Array:
    values = list(columns.values())
    return np.column_stack([np.ones(len(values[0])), *values])


def _scores(table: ScoreTable) -> dict[str, Array]:
    found = {name: column.p for name, column in table.columns.items()}
    zhongben = table.columns["ability"].others.get("zhongben")
    return found if zhongben is None else found | {"zhongben": zhongben}


def _found(batch: Batch) -> dict[str, Array]:
    """Return what the query found; a source that did not answer found nothing."""
    cash = _number(batch, "q_bank") + np.nan_to_num(_number(batch, "q_netpay"))
    cover = np.nan_to_num(np.clip(cash / _number(batch, "claim_amount"), 0.0, 1.2))
    realty = (np.nan_to_num(_number(batch, "q_realty_n")) > 0).astype(np.float64)
    wage = (np.nan_to_num(_number(batch, "q_wage")) > 0).astype(np.float64)
    return {
        "cover": cover,
        "covered": (cover >= 1.0).astype(np.float64),
        "some cash": (cover > 0.1).astype(np.float64),
        "realty": realty,
        "wage": wage,
    }


def _log_claim(batch: Batch) -> Array:
    return np.nan_to_num(np.log10(np.maximum(_number(batch, "claim_amount"), 1.0)) - USUAL)


def _firm(batch: Batch) -> Array:
    person = batch.register["debtor_type"].codes.index("person")
    return np.asarray(_number(batch, "debtor_type") != person, dtype=np.float64)


def _number(batch: Batch, name: str) -> Array:
    return batch.columns[name].astype(np.float64)
