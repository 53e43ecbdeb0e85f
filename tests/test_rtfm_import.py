"""Claims about the way in, on real data of another authority: 150,370 fines with every payment."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.register import Stage
from training.config import LabelSettings, load_settings
from training.history import History
from training.importing import ImportReport, import_history
from training.learning.labels import Outcomes, outcomes

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
MAPPINGS = ROOT / "docs" / "mappings"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        not (DATA / "rtfm_fines.parquet").exists(),
        reason="罚单数据不在 ../shared/data / the fines are not in ../shared/data: see docs/own-data.md",
    ),
]


@pytest.fixture(scope="module")
def fines(tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportReport, History, float]:
    """Import the fines once: report, history, seconds."""
    out = tmp_path_factory.mktemp("rtfm") / "history"
    began = time.perf_counter()
    report = import_history(MAPPINGS / "rtfm.toml", DATA, out)
    return report, History.open(out), time.perf_counter() - began


def paid_within(history: History, config: str) -> tuple[Outcomes, npt.NDArray[np.float64]]:
    """Return the outcomes of a training file's question, and who had paid by its reading day."""
    settings = load_settings(MAPPINGS / config)
    target = settings.targets["A"]["ability"]
    labels = LabelSettings(recording_lag_days=0.0, zhongben_not_before_days=90.0)
    found = outcomes(history, "ability", stage=Stage.A, target=target, settings=labels)
    return found, found.happened(target.reading)


def test_the_fines_come_in_within_a_minute(fines: tuple[ImportReport, History, float]) -> None:
    """Every line is accounted for: imported, left out by the mapping, or refused for a stated reason."""
    report, history, seconds = fines

    assert seconds < 60
    assert report.source_lines == 150_370
    assert history.cases.num_rows + report.left_out + report.refused_cases == 150_370
    assert report.reasons == {"GREATER_THAN": 33}
    assert "officer" in report.unmapped_columns["main"]


def test_paid_within_a_year_agrees_with_the_published_label(fines: tuple[ImportReport, History, float]) -> None:
    """Task A: every single fine has the label that the data set's own note computed, 41 % of them paid."""
    _, history, _ = fines
    found, paid = paid_within(history, "rtfm-train.toml")
    source = pq.read_table(DATA / "rtfm_fines.parquet", columns=["case_id", "y_pay365"])
    place = pa.array(history.case_ids[found.row].astype(np.int64))
    published = source["y_pay365"].take(place).to_numpy()

    assert source["case_id"].to_pylist() == list(range(150_370))
    assert np.array_equal(paid, published)
    assert paid.mean() == pytest.approx(0.4106, abs=0.0005)


def test_no_leaking_column_comes_in(fines: tuple[ImportReport, History, float]) -> None:
    """What the note marks as leaks, and the issuing officer, are in no table of cases."""
    _, history, _ = fines
    leaks = {"first_pay_date", "n_pay", "total_paid", "dismissal_at_create", "credit_collection_date", "officer"}

    assert not leaks & set(history.cases.column_names)
    own = {name for name in history.cases.column_names if name.startswith("x_")}
    assert own == {"x_points", "x_article", "x_vehicle"}


def test_reading_what_was_known_takes_seconds(fines: tuple[ImportReport, History, float]) -> None:
    """All fines at once, as they stood on the day of their creation."""
    _, history, _ = fines
    began = time.perf_counter()
    known, _, _ = history.known(Stage.A)

    assert time.perf_counter() - began < 5
    assert len(known) == history.cases.num_rows
    assert np.isfinite(known["claim_amount"]).all()


def test_the_panel_asks_every_month_while_a_fine_is_at_risk(tmp_path: Path) -> None:
    """Task C: landmark rows at first of months, a rare event within 90 days, and no row that has already ended."""
    import_history(MAPPINGS / "rtfm-landmarks.toml", DATA, tmp_path / "panel")
    history = History.open(tmp_path / "panel")
    found, paid = paid_within(history, "rtfm-landmarks-train.toml")

    assert history.cases.num_rows > 400_000
    assert (history.received_at % 1 == 0).all()
    assert (found.time > 0).all()
    assert 0.03 < np.nanmean(paid) < 0.06
