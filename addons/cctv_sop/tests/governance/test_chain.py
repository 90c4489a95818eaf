import json

from odoo.tests import BaseCase, tagged

from ... import chain

VECTOR = (
    ("request.approved.read", "2026-11-20T02:15:00Z", "CCTV/REQ/2026/0001"),
    ("extract.start", "2026-11-20T02:17:30Z", "CCTV/EXT/2026/0001"),
    ("extract.done", "2026-11-20T02:19:04Z", "CCTV/EXT/2026/0001"),
)
HASHES = (
    "505102783d67c5377ff79d48fa71ea0f022965d7cc2ae33b806be75194ab40ef",
    "903fc40e410fe273761b7cb7c95f86f68f2696bc04ee5e2f0f1e6b43c72465b2",
    "868e57be50bd10dfa6c7a807e19dee839e7eb78b7044e10bc16ed2819714d305",
)


def rows(count=3):
    """:return list: number, hash and bytes of the published test vector's lines"""
    prev, found = chain.GENESIS, []
    for seq, (action, at, what) in enumerate(VECTOR[:count], 1):
        entry = {"action": action, "actor": "it.ani", "at": at, "object": what, "prev": prev, "seq": seq}
        body = chain.canonical(entry)
        prev = chain.digest(body)
        found.append((seq, prev, body))
    return found


def walked(lines, anchors=()):
    walk = chain.Walk(anchors)
    for line in lines:
        if bad := walk.step(*line):
            return bad
    return walk.end()


@tagged("post_install", "-at_install")
class TestChain(BaseCase):
    def test_published_vector(self):
        self.assertEqual(tuple(digest for _seq, digest, _body in rows()), HASHES)
        self.assertIsNone(walked(rows()))

    def test_bytes_are_those_of_json_dumps(self):
        value = {"b": [1, None, True, 'é𝄞\u007f\n\u001f"\\/'], "a": {"z": -(2**53) + 1, "Z": ""}}
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self.assertEqual(chain.canonical(value), text.encode())
        self.assertEqual(
            chain.canonical(value),
            '{"a":{"Z":"","z":-9007199254740991},"b":[1,null,true,"é𝄞\u007f\\n\\u001f\\"\\\\/"]}'.encode(),
        )

    def test_what_has_no_canonical_form_is_told_by_its_place(self):
        for value, place in (
            ({"a": [0, 1.0]}, "entry.a[1]"),
            ({"a": float("nan")}, "entry.a"),
            ({"a": 2**53}, "entry.a"),
            ({"é": 1}, "entry"),
            ({1: 1}, "entry"),
            ({"a": b"x"}, "entry.a"),
            ({"a": "\0"}, "entry.a"),
            ({"a": "\ud800"}, "entry"),
        ):
            with self.subTest(value=value), self.assertRaises(chain.ChainError) as caught:
                chain.canonical(value)
            self.assertTrue(str(caught.exception).startswith(place))

    def test_bytes_that_are_no_entry(self):
        good = rows(1)[0][2]
        for body in (
            good.replace(b",", b", ", 1),
            good.replace(b'"seq":1', b'"seq":1,"seq":1'),
            good.replace(b'"seq":1', b'"seq":1.0'),
            good.replace(b'"seq":1', b'"seq":true'),
            good.replace(b"it.ani", b"it.\xff"),
            good.replace(b'"actor":"it.ani",', b""),
            good[:-1] + b',"zone":"x"}',
            b"[]",
            b"",
            b"[" * 100_000,
        ):
            with self.subTest(body=body[:60]), self.assertRaises(chain.ChainError):
                chain.read(body)

    def test_each_change_is_named(self):
        one, two, three = rows()
        changed = two[2].replace(b"it.ani", b"it.ano")
        for lines, bad in (
            ([one, (2, two[1], changed), three], (2, "hash")),
            ([one, (2, chain.digest(changed), changed), three], (3, "prev")),
            ([one, three], (2, "missing")),
            ([two, three], (1, "missing")),
            ([one, two, two, three], (2, "order")),
            ([one, (None, *two[1:])], (1, "order")),
            ([one, (2, *three[1:])], (2, "prev")),
            ([one, (2, chain.digest(b"x"), b"x")], (2, "body")),
        ):
            with self.subTest(bad=bad):
                self.assertEqual(walked(lines)[:2], bad)

    def test_anchors(self):
        anchors = [chain.Anchor(3, HASHES[2], "N1"), chain.Anchor(2, HASHES[1], "N2")]
        self.assertIsNone(walked(rows(), anchors))
        self.assertEqual(walked(rows(2), anchors), (3, "tail", "N1"))
        self.assertEqual(walked([], anchors), (1, "tail", "N1"))
        self.assertEqual(walked(rows(), [chain.Anchor(2, "f" * 64, "N2")]), (2, "anchor", "N2"))
