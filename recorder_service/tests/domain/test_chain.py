"""One rule in two places: the ledger's line must be judged alike by Odoo and by the node."""

from __future__ import annotations

from pathlib import Path

from recorder_service.domain import chain

ADDON = Path(__file__).parents[3] / "addons" / "cctv_sop" / "chain.py"
# published with the evidence package: entries by it.ani, chained from 64 zeros
VECTOR = (
    ("request.approved.read", "2026-11-20T02:15:00Z", "CCTV/REQ/2026/0001",
     "505102783d67c5377ff79d48fa71ea0f022965d7cc2ae33b806be75194ab40ef"),
    ("extract.start", "2026-11-20T02:17:30Z", "CCTV/EXT/2026/0001",
     "903fc40e410fe273761b7cb7c95f86f68f2696bc04ee5e2f0f1e6b43c72465b2"),
    ("extract.done", "2026-11-20T02:19:04Z", "CCTV/EXT/2026/0001",
     "868e57be50bd10dfa6c7a807e19dee839e7eb78b7044e10bc16ed2819714d305"),
)  # fmt: skip


def test_it_is_the_addons_file() -> None:
    assert Path(chain.__file__).read_bytes() == ADDON.read_bytes()


def test_the_published_vector() -> None:
    walk = chain.Walk()
    for seq, (action, at, what, digest) in enumerate(VECTOR, 1):
        entry = {"action": action, "actor": "it.ani", "at": at, "object": what, "prev": walk.hash, "seq": seq}
        body = chain.canonical(entry)
        assert chain.digest(body) == digest
        assert walk.step(seq, digest, body) is None
    assert walk.end() is None
