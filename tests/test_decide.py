"""The use case: a document gets advice, and the record is complete enough to score it again."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from features.case import Case, InvalidCaseError
from features.tokens import join_token
from models.advise import Judged
from serving.decide import KeyReusedError
from serving.store.tables import advice
from tests.builders_serving import (
    KEYS,
    MARKER,
    NOW,
    ORIGIN,
    advice_of,
    decider,
    document,
    judge,
    opened,
    parse,
    unsealed,
)

KEY = "key-00000001"


def row_of(folder: Path) -> dict[str, Any]:
    """Return the only row on record, what is sealed opened."""
    engine = sa.create_engine(f"sqlite:///{folder / 'fenliu.db'}")
    with engine.connect() as connection:
        found = dict(connection.execute(sa.select(advice)).mappings().one())
    engine.dispose()
    return unsealed(found)


def test_the_answer_carries_its_id_and_its_times(tmp_path: Path) -> None:
    """What storing adds: id, created_at and expires_at, in the court's time."""
    stored = decider(tmp_path, advice_days=30).score(document(), key=KEY, origin=ORIGIN)
    answer = json.loads(stored.answer)
    assert (stored.id, answer["id"]) == ("SCR-20261120-000001",) * 2
    assert answer["created_at"] == "2026-11-20T09:12:03+08:00"
    assert answer["expires_at"] == "2026-12-20T09:12:03+08:00"


def test_the_record_reads_back_as_the_very_case(tmp_path: Path) -> None:
    """The stored question, read again at any later time, is the case that was judged."""
    judged: list[Case] = []

    def remember(case: Case) -> Judged:
        judged.append(case)
        return judge(case)

    sent = document(
        case={"clue_types": ["vehicle", "deposit"], "basis_clear": True, "n_debtors": 2, "id_token": MARKER},
        missing={"batch_size": "source_timeout"},
        observed_at={"claim_amount": "2026-11-19"},
        explain={"reasons": 3, "flips": 0},
    )
    decider(tmp_path, advise=remember).score(sent, key=KEY, origin=ORIGIN)
    again = parse(json.loads(row_of(tmp_path)["input"]), NOW + timedelta(days=400))
    assert again.values == judged[0].values
    assert (again.as_of, again.missing, again.observed_at) == (
        judged[0].as_of, judged[0].missing, judged[0].observed_at,
    )  # fmt: skip
    assert (again.explain_reasons, again.explain_flips) == (3, 0)


def test_a_raw_identity_number_is_nowhere_on_disk(tmp_path: Path) -> None:
    """The record holds the keyed token, sealed; the number is in no file."""
    decider(tmp_path).score(document(case={"id_token": MARKER}), key=KEY, origin=ORIGIN)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert MARKER.encode() not in content
    assert KEYS.token(MARKER).encode() not in content
    assert KEYS.token(MARKER) in row_of(tmp_path)["input"].decode()


def test_the_feature_row_is_kept_bit_for_bit(tmp_path: Path) -> None:
    """NaN payloads, negative zero and all: what the models saw can be shown to them again."""
    row = np.array([1.5, -0.0, np.nan, np.finfo(np.float32).tiny], dtype="<f4").tobytes()
    decider(tmp_path, advise=lambda case: Judged(advice_of(case), row)).score(document(), key=KEY, origin=ORIGIN)
    assert row_of(tmp_path)["features"] == row


def test_a_preview_leaves_no_record(tmp_path: Path) -> None:
    """Form hints are not decisions."""
    answer = json.loads(decider(tmp_path).preview(document(), origin=ORIGIN))
    assert "id" not in answer
    assert answer["advice"]["route"] == "urge"
    with pytest.raises(sa.exc.NoResultFound, match="No row was found"):
        row_of(tmp_path)


@pytest.mark.parametrize("spaces", ["as it was", "other order"])
def test_the_same_content_in_another_spelling_is_the_same_request(tmp_path: Path, spaces: str) -> None:
    """Order of keys does not make a new request."""
    use_case = decider(tmp_path)
    first = use_case.score(document(), key=KEY, origin=ORIGIN)
    sent = document() if spaces == "as it was" else dict(reversed(document().items()))
    again = use_case.score(sent, key=KEY, origin=ORIGIN)
    assert (again.id, again.answer, again.replayed) == (first.id, first.answer, True)


def test_a_retry_is_not_judged_again(tmp_path: Path) -> None:
    """A replay costs a look-up, and a changed model cannot change what was answered."""
    decider(tmp_path).score(document(), key=KEY, origin=ORIGIN)

    def never(_: Case) -> Judged:
        pytest.fail("judged again")

    assert decider(tmp_path, advise=never).score(document(), key=KEY, origin=ORIGIN).replayed


def test_a_key_cannot_be_used_for_another_document(tmp_path: Path) -> None:
    """One key, one content."""
    use_case = decider(tmp_path)
    use_case.score(document(), key=KEY, origin=ORIGIN)
    with pytest.raises(KeyReusedError, match="幂等键已用于内容不同的请求"):
        use_case.score(document(application_id="SQ-2"), key=KEY, origin=ORIGIN)


def test_a_key_is_free_again_after_a_refusal(tmp_path: Path) -> None:
    """Only answers are remembered; a corrected document may use the same key."""
    use_case = decider(tmp_path)
    with pytest.raises(InvalidCaseError, match="须为"):
        use_case.score(document(case={"claim_amount": 38600}), key=KEY, origin=ORIGIN)
    assert use_case.score(document(), key=KEY, origin=ORIGIN).replayed is False


def test_two_at_once_with_one_key_lead_to_one_record(tmp_path: Path) -> None:
    """Both are judged, one is recorded, both hear the same."""
    barrier = threading.Barrier(2, timeout=10)

    def together(case: Case) -> Judged:
        barrier.wait()
        return judge(case)

    use_cases = [decider(tmp_path, advise=together, store=opened(tmp_path)) for _ in range(2)]
    heard: list[bytes] = []
    threads = [
        threading.Thread(target=lambda one=one: heard.append(one.score(document(), key=KEY, origin=ORIGIN).answer))
        for one in use_cases
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 2
    assert heard[0] == heard[1]
    assert row_of(tmp_path)["id"] == "SCR-20261120-000001"


def test_the_clock_is_asked_once(tmp_path: Path) -> None:
    """Future check, id, created_at and expires_at come from one instant."""
    asked: list[datetime] = []

    def clock() -> datetime:
        asked.append(NOW)
        return NOW

    decider(tmp_path, clock=clock).score(document(), key=KEY, origin=ORIGIN)
    assert asked == [NOW]


def test_another_court_cannot_match_our_tokens() -> None:
    """Tokens are keyed: the same number gives another token under another key."""
    assert join_token(b"a" * 32, MARKER) != join_token(b"b" * 32, MARKER)
