import ast
from pathlib import Path

from odoo.tests import tagged

from ...models.recording.cctv_recorder_refusal import REASONS
from ...models.recording.cctv_recorder_sync import refusal_said
from ...tools.schema.payload import check_payload
from ...tools.wire import WireError
from ..common import BridgeCommon

ADDON = Path(__file__).parents[2]


def raised():
    """:return set: every reason with which a call is refused whole"""
    found = set()
    for path in (*ADDON.glob("tools/**/*.py"), *ADDON.glob("models/recording/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "WireError":
                found.add(ast.literal_eval(node.args[1]))
    return found


@tagged("post_install", "-at_install")
class TestRefusal(BridgeCommon):
    """Why a call was refused whole is told in the reader's language."""

    def test_each_reason_has_indonesian_words(self):
        reasons = raised()
        self.assertGreater(len(reasons), 30)
        self.assertEqual(len(REASONS), len(reasons))
        indonesian = self.env(context={"lang": "id_ID"})
        for reason in reasons:
            with self.subTest(reason):
                self.assertNotEqual(indonesian._(reason), reason)

    def test_shown_on_form_and_screen(self):
        engine = {"heartbeat": {"engine": {"state": "on"}}}
        cases = (
            (engine, "heartbeat.engine.state: ", "must be up|down", "harus up|down"),
            ({"mood": 1}, "mood: ", "is not a known field", "bukan isian yang dikenal"),
        )
        for parts, field, english, told in cases:
            with self.assertRaises(WireError) as caught:
                check_payload(self.message(**parts))
            # the call itself writes past its rollback by a cursor of its own, of which a test sees nothing
            values = {"last_refusal": str(caught.exception), "last_refusal_said": refusal_said(caught.exception)}
            self.recorder._with_pass(values).write(values)
            for lang, words in (("en_US", english), ("id_ID", told)):
                recorder = self.recorder.with_user(self.it).with_context(lang=lang)
                (node,) = recorder.get_health()["recorders"]
                self.assertEqual((recorder.refusal_words, node["last_refusal"]), (field + words, field + words))

    def test_one_of_an_older_version_is_told_as_it_was_written(self):
        values = {"last_refusal": "mood: is not a known field"}
        self.recorder._with_pass(values).write(values)
        self.assertEqual(self.recorder.with_context(lang="id_ID").refusal_words, values["last_refusal"])
