"""Triage: one road for columns, with models or without, and a shorter one for searching."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.clock import days_of
from features.register import Stage, load_register
from models.abstention import other_currency
from models.advise import received_on
from models.bundle import Bundle
from models.rules.rule import Kind
from models.triage import Triage, deciding_scores, view_of
from tests.builders_advise import RULES, batch_of, parsed, random_documents
from tests.builders_models import assembled

BUNDLE = assembled()
CASES = {stage: [parsed(document) for document in random_documents(stage, 40, seed=3)] for stage in Stage}


def triage(stage: Stage, bundle: Bundle | None = BUNDLE) -> Triage:
    """Return the triage of a stage under the rules of the sample day."""
    rules = RULES.on(received_on(CASES[stage][0]))
    return Triage(stage=stage, rules=rules, register=load_register(), bundle=bundle)


def together(stage: Stage) -> dict[str, object]:
    """Return the arguments for all cases of a stage."""
    return {
        "columns": batch_of(CASES[stage]),
        "as_of": np.array([days_of(case.as_of) for case in CASES[stage]]),
        "court": [case.court_code for case in CASES[stage]],
    }


@pytest.mark.parametrize("stage", list(Stage))
def test_without_models_there_are_routes_and_no_scores(stage: Stage) -> None:
    """No bundle, or one without the stage: the rules route every row."""
    partial = Bundle.assemble([m for m in BUNDLE.stages.values() if m.stage is not stage], about=BUNDLE.about)
    for bundle in (None, partial):
        found = triage(stage, bundle)(**together(stage))
        assert found.table is None
        assert {found.routes.proposal(i).status for i in range(40)} == {"rules_only"}


@pytest.mark.parametrize("stage", list(Stage))
def test_searching_finds_the_same_lanes(stage: Stage) -> None:
    """Lanes from the deciding scores alone are those of the whole answer, where every score is comparable."""
    whole = triage(stage)(**together(stage))

    assert np.array_equal(triage(stage).lanes(**together(stage)), whole.routes.lane)
    assert len(set(whole.routes.lane.tolist())) > 1


@pytest.mark.parametrize(("stage", "names"), [(Stage.A, {"willingness", "ability"}), (Stage.B, {"quick_close"})])
def test_lanes_hang_on_few_scores(stage: Stage, names: set[str]) -> None:
    """Before filing on willingness and ability, after the query on quick close; a flag draws no lane."""
    program = triage(stage).rules.programs[stage]

    assert deciding_scores(program) == names
    assert any(one.rule.kind is Kind.FLAG for one in program.rules)


@pytest.mark.parametrize("stage", list(Stage))
def test_rules_see_the_scores_under_their_own_names(stage: Stage) -> None:
    """Each score stands where rules look for it; one the stage lacks is unusable."""
    table = triage(stage)(**together(stage)).table
    assert table is not None
    view = view_of(table)

    assert np.array_equal(view.p_ability_180, table.columns["ability"].p)
    assert np.array_equal(view.p_zhongben_180, table.columns["ability"].others["zhongben"])
    absent = view.p_quick_30 if stage is Stage.A else view.p_willingness_window
    assert np.isnan(absent).all()


def test_willingness_is_read_on_the_last_day_of_the_window() -> None:
    """The court's urging window is the day on which the curve is read."""
    table = triage(Stage.A)(**together(Stage.A)).table
    assert table is not None

    assert table.columns["willingness"].day == triage(Stage.A).rules.number("urging_days") == 15.0


def test_a_claim_in_another_currency_is_not_scored() -> None:
    """Dollars are not read as yuan: the model learnt from yuan, so it withholds every score."""
    columns = {"currency": np.array(["CNY", None, "USD"], dtype=object)}

    assert other_currency(columns, 3, currency="CNY").tolist() == [False, False, True]
    assert other_currency({}, 2, currency="CNY").tolist() == [False, False]


def test_willingness_is_read_on_the_last_day_of_the_courts_own_window() -> None:
    """A court that urges for twenty days is told the chance of twenty days, which is the higher one."""
    usual = triage(Stage.A)
    longer = replace(usual, rules=replace(usual.rules, parameters={**usual.rules.parameters, "urging_days": 20}))
    short, long = (one(**together(Stage.A)).table for one in (usual, longer))
    assert short is not None
    assert long is not None
    assert (short.columns["willingness"].day, long.columns["willingness"].day) == (15.0, 20.0)
    assert np.all(long.columns["willingness"].raw >= short.columns["willingness"].raw)


@pytest.mark.parametrize("stage", list(Stage))
def test_scores_at_hand_route_under_any_rules_with_their_window(stage: Stage) -> None:
    """What was scored once is routed as if it were scored anew: the scores hang on the window alone."""
    usual, cases = triage(stage), together(stage)
    stricter = replace(usual, rules=replace(usual.rules, parameters={**usual.rules.parameters, "fixed_wage": 9_000}))
    _, table = usual.scores(cases["columns"], as_of=cases["as_of"], court=cases["court"])

    again = stricter.routes(cases["columns"], as_of=cases["as_of"], table=table)

    assert np.array_equal(again.lane, stricter(**cases).routes.lane)
