"""How long it takes to verify an audit trail of a million rows: `python -m benchmarks.audit_verify [--rows N]`."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from serving.access.origin import SERVICE, Origin
from serving.audit.chain import NEWEST, START, Head, signed
from serving.audit.heads import SecondPlace
from serving.audit.trail import Trail, verify_export
from serving.keys import KeyRing
from serving.opening import keys_of, now
from serving.settings import Settings
from serving.store.tables import audit
from serving.store.transaction import Store

TOGETHER = 20_000


def filled(store: Store, keys: KeyRing, rows: int) -> None:
    """Write a chain of reading events as the service would, many in one transaction."""
    head = START
    for first in range(1, rows + 1, TOGETHER):
        batch = []
        for seq in range(first, min(first + TOGETHER, rows + 1)):
            row = {
                "seq": seq, "at": "2026-11-20T09:12:03.000+08:00", "actor": "key:7f31", "role": "", "court": "浙1022",
                "action": "score.read", "kind": "advice", "object_id": f"SCR-20261120-{seq:06d}", "outcome": "done",
                "request_id": "req-0123456789abcdef", "detail": "{}", "prev_mac": head.mac,
            }  # fmt: skip
            head = Head(seq, keys.mac.of(signed(row)), row["at"])
            batch.append({**row, "mac": head.mac})

        def work(connection, batch=batch, head=head):  # noqa: ANN001, ANN202 - a benchmark's own
            connection.execute(insert(audit), batch)
            connection.info[NEWEST] = head

        store.write(work)


def main() -> None:
    """Fill, verify in the database, export, verify the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    for mac in ("sha256", "sm3"):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(home=Path(folder), mac=mac)
            keys = keys_of(settings)
            place = SecondPlace(settings.heads_folder, keys.mac)
            store = Store.open(settings.place, keys=keys, witness=place.witness)
            filled(store, keys, rows)
            trail = Trail(store, keys.mac, place)
            started = time.perf_counter()
            report = trail.verify()
            verified = time.perf_counter()
            path = Path(folder) / "trail.ndjson"
            trail.export(path, origin=Origin(SERVICE), at=now())
            exported = time.perf_counter()
            offline = verify_export(path, mac=keys.mac)
            ended = time.perf_counter()
            print(
                f"{mac}: {report.rows:,} rows whole={report.whole and offline.whole}"
                f" verify {verified - started:.1f} s, export {exported - verified:.1f} s,"
                f" offline verify {ended - exported:.1f} s"
            )


if __name__ == "__main__":
    main()
