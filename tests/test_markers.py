"""What is a person's never leaves the sealed columns: not into logs, figures, file names or plain columns."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, generate_latest
from starlette.types import ASGIApp

from serving.logs import configure
from tests.builders_serving import document, get, guarded, post

pytestmark = pytest.mark.anyio

ADVICE = "SCR-20261120-000001"
CARD, PHONE, NAME = "360426199101010071", "13812345678", "欧阳测试标记"
MARKERS = (CARD, PHONE, NAME)
TEXT = f"{NAME}，证号{CARD}，电话{PHONE}"


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


async def speak(app: ASGIApp) -> list[int]:
    """Put the markers into every text of every kind of call, where it is allowed and where it is not."""
    tag = {"If-Match": f'"{ADVICE.lower()}-1"'}
    calls = [
        ("/v1/scores", document(case={"id_token": CARD, "basis_no": TEXT}), {}),
        ("/v1/decisions", {"advice_id": ADVICE, "lane": "fast", "reason": "party", "note": TEXT}, tag),
        ("/v1/reviews", {"advice_id": ADVICE, "party": "debtor", "reason": TEXT}, {}),
        ("/v1/reviews/REV-20261120-000001:decide", {"outcome": "kept", "reasons": TEXT}, {}),
        ("/v1/holds", {"court_code": "浙1022", "application_id": "SQ20261120-0187", "reason": TEXT}, {}),
        ("/v1/persons:export", {"identity_number": CARD}, {}),
        (
            f"/v1/scores/{ADVICE}:correct",
            {"reason": TEXT, "request": document(case={"id_token": CARD})},
            {"Idempotency-Key": f"key-{CARD}-{PHONE}"},
        ),
        ("/v1/scores", document(application_id=f"SQ-{CARD}"), {"Idempotency-Key": "key-00000002"}),
        ("/v1/scores", document(application_id=f"SQ {PHONE}"), {"Idempotency-Key": "key-00000003"}),
        ("/v1/scores", document(court_code=TEXT, case={"id_token": TEXT}), {"Idempotency-Key": "key-00000004"}),
        ("/v1/decisions", {"advice_id": TEXT, "lane": TEXT, NAME: PHONE}, tag),
        ("/v1/outcomes", {"events": [{"application_id": CARD, "court_code": PHONE, "at": NAME, "kind": NAME}]}, {}),
        ("/v1/holds", {"court_code": CARD, "application_id": PHONE, "reason": TEXT}, {}),
        ("/v1/persons:export", {"identity_number": CARD, "token": TEXT}, {}),
    ]
    found = [(await post(app, body, path=path, headers=headers)) for path, body, headers in calls]
    refused = [answer for answer in found if answer.status_code >= 400]
    assert not [answer.text for answer in refused if any(marker in answer.text for marker in MARKERS)]
    looks = [f"/v1/scores?application_id={CARD}", f"/v1/scores/{CARD}", f"/v1/reviews?advice_id={PHONE}", f"/{NAME}"]
    return [answer.status_code for answer in found] + [(await get(app, path)).status_code for path in looks]


def files_in(folder: Path) -> tuple[list[bytes], list[bytes]]:
    """Return the content of every file, and the names of everything."""
    found = list(folder.rglob("*"))
    return [path.read_bytes() for path in found if path.is_file()], [str(path.name).encode() for path in found]


async def test_no_marker_is_found_anywhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The raw file with its log, every plain column, other files and their names, what was logged, the figures."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    log = io.BytesIO()
    configure("debug", file=log)
    statuses = await speak(guarded(tmp_path))
    assert statuses == [201, 201, 201, 201, 201, 200, 201, 422, 422, 422, 422, 422, 422, 422, 400, 404, 400, 404]
    dumped = "\n".join(sqlite3.connect(tmp_path / "fenliu.db").iterdump()).encode()
    raw, names = files_in(tmp_path)
    said = log.getvalue() + "".join(capfd.readouterr()).encode()
    assert b"/v1/persons:export" in said
    held = [dumped, *raw, *names, said, generate_latest(REGISTRY)]
    assert not [marker for marker in MARKERS for text in held if marker.encode() in text]
