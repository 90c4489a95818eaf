"""The custody ledger of a real Odoo, read and judged by a node."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recorder_service.cli.main import app
from recorder_service.domain.times import SystemClock
from recorder_service.erp.exchange import Exchange, Hooks
from recorder_service.erp.ledger import verify
from recorder_service.erp.state import LinkBoard
from recorder_service.store import Index

from .conftest import RealOdoo, open_port

pytestmark = pytest.mark.odoo

LINES = """
ledger = env['cctv.custody.entry']
recorder = env['cctv.recorder'].search([('node', '=', {node!r})])
for number in range({count}):
    ledger._append('purge.done', f'uji {{number}}', {{'bytes': '1'}}, recorder.company_id)
env.cr.commit()
answer = ledger._head(recorder.company_id)
"""
AS_OWNER = """
env.cr.execute('ALTER TABLE cctv_custody_entry DISABLE TRIGGER cctv_custody_refuse')
env.cr.execute({query!r}, {values!r})
env.cr.execute('ALTER TABLE cctv_custody_entry ENABLE TRIGGER cctv_custody_refuse')
answer = True
"""
ALARM = """
recorder = env['cctv.recorder'].search([('node', '=', {node!r})])
events = env['cctv.recorder.event'].search([('recorder_id', '=', recorder.id), ('kind', '=', 'custody')])
answer = [recorder.custody_alarm, recorder.custody_broken_seq, len(events), len(recorder.activity_ids)]
"""


class Witness:
    """A node's index, its exchange with Odoo, and its command line on the same settings."""

    def __init__(self, odoo: RealOdoo, folder: Path, transport: str) -> None:
        self.odoo = odoo
        self.node = odoo.ours
        self.port = open_port(transport, self.node.odoo)
        self.file = folder / "index.sqlite"
        self.settings = folder / "recorder.toml"
        self.settings.write_text(self._toml(folder, transport))
        self.settings.chmod(0o600)

    def _toml(self, folder: Path, transport: str) -> str:
        o = self.node.odoo
        return (
            f'[odoo]\nurl = "{o.url}"\ndb = "{o.db}"\nlogin = "{o.login}"\nkey = "{o.key.get_secret_value()}"\n'
            f'transport = "{transport}"\n[node]\nuuid = "{self.node.node}"\n[media]\nroot = "{folder}/media"\n'
            f'[index]\nfile = "{self.file}"\n'
        )

    def append(self, count: int) -> list[Any]:
        """Number and hash of the head after so many more lines."""
        return list(self.odoo.run(LINES.format(node=self.node.node, count=count)))

    def as_owner(self, query: str, *values: Any) -> None:
        assert self.odoo.run(AS_OWNER.format(query=query, values=list(values)))

    def sync(self) -> None:
        with Index(self.file, self.node.node) as index:
            hooks = Hooks(lambda: None, lambda _config: None, lambda: None)
            Exchange(index, self.node.odoo, hooks, LinkBoard(), SystemClock()).once(self.port)

    def verify(self) -> tuple[int, dict[str, Any]]:
        done = CliRunner().invoke(app, ["verify", "--json", "--config", str(self.settings)])
        return done.exit_code, dict(json.loads(done.stdout))


@pytest.fixture
def witness(odoo: RealOdoo, tmp_path: Path, transport: str) -> Iterator[Witness]:
    made = Witness(odoo, tmp_path, transport)
    yield made
    made.port.close()


def tampered(witness: Witness, seq: int) -> Callable[[], None]:
    """Flip a bit of one line's text; the answer turns it back."""

    def flip() -> None:
        query = "UPDATE cctv_custody_entry SET body = set_byte(body, 20, get_byte(body, 20) # 1) WHERE seq = %s"
        witness.as_owner(query + " AND company_id = (SELECT company_id FROM cctv_recorder WHERE node = %s)", seq,
                         witness.node.node)  # fmt: skip

    flip()
    return flip


def test_intact_partial_and_changed(witness: Witness) -> None:
    seq, head = witness.append(5)
    with Index(witness.file, witness.node.node):
        pass
    code, found = witness.verify()
    assert (code, found["result"], found["lines"], found["head"]) == (1, "partial", seq, head)
    witness.sync()
    code, found = witness.verify()
    assert (code, found["result"], found["anchors_found"]) == (0, "intact", 1)
    back = tampered(witness, seq - 2)
    try:
        code, found = witness.verify()
    finally:
        back()
    assert (code, found["first_bad"]) == (2, {"seq": seq - 2, "why": "hash"})
    assert witness.verify()[0] == 0


def test_a_cut_end_is_found_by_the_node_and_alarms_in_odoo(witness: Witness) -> None:
    seq, _head = witness.append(4)
    witness.sync()
    witness.as_owner(
        "WITH mine AS (SELECT company_id FROM cctv_recorder WHERE node = %s)"
        " DELETE FROM cctv_custody_entry WHERE seq > %s AND company_id = (SELECT company_id FROM mine)",
        witness.node.node, seq - 2,
    )  # fmt: skip
    code, found = witness.verify()
    assert (code, found["first_bad"]) == (2, {"seq": seq - 1, "why": "tail"})
    before = witness.odoo.run(ALARM.format(node=witness.node.node))
    witness.sync()
    alarm, broken, events, activities = witness.odoo.run(ALARM.format(node=witness.node.node))
    assert alarm
    assert broken <= seq
    assert activities == 1
    assert events >= before[2]
    # a chain made anew over the cut is whole in itself and still not the one that was seen
    witness.append(6)
    assert verify(witness.port, witness.node.node, []).bad is None
    code, found = witness.verify()
    assert (code, found["first_bad"]) == (2, {"seq": seq, "why": "anchor"})


def test_without_odoo_nothing_is_called_intact(witness: Witness) -> None:
    witness.sync()
    text = witness.settings.read_text().replace(witness.node.odoo.url, "http://127.0.0.1:1")
    witness.settings.write_text(text)
    code, found = witness.verify()
    assert (code, found["result"]) == (1, "partial")
    assert "could not be read" in found["message"]
