"""Scores in words: whole cases out of a hundred, and nothing at all where a score is withheld."""

from __future__ import annotations

from dataclasses import replace

import pytest

from features.register import Stage
from models.abstention import Abstain
from models.explain.shown import SENTENCES, WITHHELD, shown_scores
from models.scores import Score, Scores

SCORE = Score(day=15.0, p=0.625, lower=0.52, upper=0.704, n=238, raw=0.6, others={})
SCORES = Scores(
    stage=Stage.A,
    by_name={"willingness": SCORE, "ability": replace(SCORE, day=180.0), "recovery": replace(SCORE, day=180.0)},
    days=143.6,
    abstain=(),
)


def test_a_chance_is_told_in_cases_out_of_a_hundred() -> None:
    """Count, day, range and number of cases compared, in both languages; halves round up."""
    first = shown_scores(SCORES)[0]

    assert first.text == (
        "100 件情况相近的案件中，约 63 件在督促期 15 日内自动履行。合理范围 52 至 70 件（90% 区间，比较 238 件）。"
    )
    assert first.text_en.startswith("About 63 of 100 similar cases paid of their own accord within 15 days of urging;")
    assert (first.value, first.lower, first.upper, first.n_reference) == (0.625, 0.52, 0.704, 238)


def test_each_kind_of_score_is_named() -> None:
    """Chances, a share and days are different things and say so."""
    shown = shown_scores(SCORES)

    assert [(one.name, one.kind, one.window_days) for one in shown] == [
        ("willingness", "probability", 15),
        ("ability", "probability", 180),
        ("recovery", "share", 180),
        ("days", "days", 360),
    ]
    assert "63%" in shown[2].text
    assert "144 日" in shown[3].text


@pytest.mark.parametrize("reason", list(Abstain))
def test_a_withheld_score_carries_no_number(reason: Abstain) -> None:
    """Whatever the reason: no value, no range, no count, and words without a digit."""
    for one in shown_scores(replace(SCORES, abstain=(reason,))):
        assert (one.value, one.lower, one.upper, one.n_reference) == (None, None, None, None)
        assert (one.text, one.text_en) == WITHHELD
        assert not any(sign.isdigit() for sign in one.text + one.text_en)


def test_a_stage_without_days_shows_none() -> None:
    """Where no curve tells when a case closes, nothing is said about it."""
    assert [one.name for one in shown_scores(replace(SCORES, days=None))] == ["willingness", "ability", "recovery"]


def test_every_chance_has_its_sentence() -> None:
    """Each probability that a stage may show is worded in both languages."""
    assert set(SENTENCES) == {"willingness", "ability", "quick_close"}
    assert all("{day:g}" in zh and "{day:g}" in en for zh, en in SENTENCES.values())
