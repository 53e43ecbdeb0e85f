"""Evaluation: the same rows for everybody, intervals on every figure, gates that bite."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from features.register import Stage
from models.evidence import CALIBRATED_BY
from models.promotion.gates import FENLIU, MORE_IS_BETTER, Gate, check_gates
from models.promotion.refusal import PromotionError
from tests.builders_training import settings, silent, small_evaluation, small_history, small_training
from training.evaluation.evaluate import evaluate
from training.evaluation.measures import MEASURES, Estimate
from training.evaluation.oracle import explained_share, oracle
from training.evaluation.parts.groups import FAIRNESS
from training.evaluation.parts.slices import MET_BEFORE, Bias, Slice

TABLE = {
    "A.ability": {
        FENLIU: {"auc": Estimate(0.7, 0.6, 0.8), "log_loss": Estimate(0.5, 0.4, 0.6)},
        "constant": {"auc": Estimate(0.5, 0.5, 0.5), "log_loss": Estimate(0.6, 0.5, 0.7)},
    },
}


def gate(**limits: object) -> Gate:
    """Return a gate on log-loss, changed as told."""
    return Gate(**({"name": "g", "score": "*", "measure": "log_loss"} | limits))  # type: ignore[arg-type]


def test_every_score_stands_beside_its_baselines_and_the_oracle() -> None:
    """Nobody sees a figure of ours without what the simple ways reach on the same cases."""
    for report in small_evaluation().reports.values():
        assert {FENLIU, "constant", "amount", "linear", "lightgbm", "oracle"} <= set(report.table)


def test_every_figure_has_an_interval_around_it() -> None:
    """A figure without an interval is an opinion."""
    for report in small_evaluation().reports.values():
        for estimates in report.table.values():
            found = [e for e in estimates.values() if np.isfinite(e.value)]
            assert all(e.lower <= e.upper for e in found)


def test_a_trained_score_beats_the_constant_and_never_the_oracle() -> None:
    """On simulated data the truth is a ceiling: between it and the constant lies what was learned."""
    for name in ("A.ability", "B.ability", "B.quick_close", "B.recovery"):
        assert 0.1 < small_evaluation().reports[name].figures["explained_share"] < 1.0, name


def test_simulated_figures_say_so() -> None:
    """Every score in the record carries the mark."""
    document = small_evaluation().document()
    assert document["data"] == "模拟 / simulated"
    assert {score["data"] for score in document["scores"].values()} == {"模拟 / simulated"}  # type: ignore[union-attr]
    json.dumps(document, allow_nan=False)


def test_parts_of_the_period_are_looked_at_one_by_one() -> None:
    """Courts, causes, parties, amounts, times, fairness groups, debtors met before; small parts have no figures."""
    slices = small_evaluation().reports["A.ability"].slices
    plain = {"court", "cause_family", "debtor_type", "applicant_type", "amount", "year", "quarter", MET_BEFORE}
    assert {part.by for part in slices} == plain | set(FAIRNESS)
    assert all(bool(part.estimates) != part.few for part in slices)
    assert {part.by for part in slices if part.fairness} == set(FAIRNESS)
    assert all((part.bias is Bias.FEW) == part.few for part in slices)


def test_calibration_is_measured_by_court_cause_and_year() -> None:
    """Its groups hold every case of a part that is large enough, none of a small one, and no other kind has any."""
    for part in small_evaluation().reports["A.ability"].slices:
        if part.by not in CALIBRATED_BY:
            assert part.bins is None
        else:
            assert part.bins is not None
            assert sum(one.n for one in part.bins) == (0 if part.few else part.n)


def test_every_part_of_a_kind_together_is_everybody_who_has_one() -> None:
    """No case is in two parts, and none is lost; only a claim that nobody knows is in no band."""
    report = small_evaluation().reports["A.ability"]
    total = {by: sum(part.n for part in report.slices if part.by == by) for by in ("court", "quarter", "amount")}
    assert total["court"] == total["quarter"] == report.figures["n"] > total["amount"] > 0.9 * total["court"]


def test_debtors_met_before_are_a_part_of_their_own() -> None:
    """They are outside the test, so that nobody is tested on whom the model has learned, but not out of sight."""
    report = small_evaluation().reports["A.ability"]
    (met,) = [part for part in report.slices if part.by == MET_BEFORE]
    assert 0 < met.n < report.sizes["dropped"]
    assert met.estimates["log_loss"].value != report.table["fenliu"]["log_loss"].value


def test_a_part_whose_scores_promise_too_much_is_called_so() -> None:
    """The finding follows the interval of the mean gap, not its value."""
    gaps = {Bias.HIGH: (0.04, 0.01, 0.07), Bias.LOW: (-0.04, -0.07, -0.01), Bias.UNSEEN: (0.04, -0.01, 0.09)}
    for bias, gap in gaps.items():
        assert Slice("gender", "F", 400, few=False, estimates={"gap": Estimate(*gap)}).bias is bias


def test_the_curve_is_measured_at_every_reading_day() -> None:
    """Willingness is read at 7, 15 and 30 days, each beside the constant of its day and with its own intervals."""
    report = small_evaluation().reports["A.willingness"]
    assert (report.day, [one.day for one in report.readings]) == (15, [7, 30])
    rates = [one.judged.outcome.mean() for one in report.readings]
    assert rates[0] < rates[1]
    for one in report.readings:
        assert set(one.table) == {FENLIU, "constant"}
        assert set(one.table[FENLIU]) == {"auc", "log_loss", "brier", "ece", "gap"}


def test_curves_yuan_and_capacity_have_figures_of_their_own() -> None:
    """Integrated Brier of curves, money error of shares, lift of both, each beside the constant's."""
    reports = small_evaluation().reports
    chance, share = reports["B.ability"].table, reports["B.recovery"].table
    assert chance[FENLIU]["ibs"].value < chance["constant"]["ibs"].value
    assert "money_error" in share[FENLIU]
    assert chance[FENLIU]["lift"].value > chance["constant"]["lift"].value == 1
    assert chance["amount"]["auc"].value < chance[FENLIU]["auc"].value


def test_a_gate_may_speak_of_any_figure() -> None:
    """The integrated score of the whole curve can be asked for, and is held against the constant's."""
    tables = {name: report.table for name, report in small_evaluation().reports.items()}
    (found,) = check_gates([gate(score="B.ability", measure="ibs", beats="constant")], tables)
    assert found.passed


def test_urging_is_reported_weighted_and_unweighted() -> None:
    """People chose whom to urge; both figures stand side by side."""
    assert "fenliu (overlap)" in small_evaluation().reports["A.willingness"].table


def test_evaluation_repeats_itself_and_never_tests_a_bundle_on_its_own_past() -> None:
    """The same bundle on the same history gives the same figures, and its own periods win over the settings."""
    small = small_training()
    other = replace(small.settings, split=settings("split.shares=[0.2,0.2,0.6]").split)
    again = evaluate(small.trained.bundle, small.history, other, console=silent())
    assert again.periods == small.trained.periods
    assert json.dumps(again.document()) == json.dumps(small_evaluation().document())


@pytest.mark.parametrize(
    ("limits", "passed"),
    [
        ({"at_most": 0.55}, True),
        ({"at_most": 0.45}, False),
        ({"at_least": 0.45}, True),
        ({"beats": "constant"}, True),
        ({"beats": "constant", "at_most": 0.1}, False),
        ({"measure": "auc", "beats": "constant"}, True),
        ({"score": "ability", "at_most": 0.45}, False),
    ],
)
def test_a_gate_holds_what_it_says(limits: dict[str, object], passed: bool) -> None:
    """At least, at most, better than a baseline: each in the measure's own direction."""
    assert [result.passed for result in check_gates([gate(**limits)], TABLE)] == [passed]


def test_a_gate_on_another_measure_is_not_asked() -> None:
    """A recovered share has no log-loss; the gate neither passes nor fails."""
    assert check_gates([gate(measure="mse", at_most=0.1)], TABLE) == ()


def test_gates_know_every_measure_and_which_way_it_goes() -> None:
    """What an evaluation measures a gate may speak of; more is better of the same measures."""
    assert {name: one.more_is_better for name, one in MEASURES.items()} == dict(MORE_IS_BETTER)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"measure": "charm", "at_least": 1.0}, "charm"),
        ({}, "没有可用的指标或界限"),
        ({"beats": "magic"}, "'magic' 不存在"),
    ],
)
def test_a_gate_that_asks_nothing_is_refused(limits: dict[str, object], words: str) -> None:
    """A misspelt gate must not pass by silence."""
    with pytest.raises(PromotionError, match=words):
        check_gates([gate(**limits)], TABLE)


def test_the_explained_share_runs_from_the_constant_to_the_oracle() -> None:
    """0 like the constant, 1 like the truth, missing where nothing can be explained."""
    assert explained_share(constant=0.6, model=0.6, best=0.4) == 0
    assert explained_share(constant=0.6, model=0.45, best=0.4) == pytest.approx(0.75)
    assert np.isnan(explained_share(constant=0.4, model=0.4, best=0.4))


def test_the_oracle_speaks_only_of_its_own_day() -> None:
    """The generator's chance of 180 days says nothing about 90."""
    history = small_history()
    assert oracle(history, Stage.A, "ability", day=180) is not None
    assert oracle(history, Stage.A, "ability", day=90) is None
