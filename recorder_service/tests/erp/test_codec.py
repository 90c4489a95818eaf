from __future__ import annotations

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_service.erp.codec import MAX_DOWN, MAX_UP, TooLargeError, pack, unpack
from recorder_service.erp.errors import ErpProtocolError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
)


@given(st.dictionaries(st.text(), JSON))
def test_there_and_back(message: dict[str, object]) -> None:
    assert unpack(pack(message)) == message


def test_any_gzip_reads_it() -> None:
    assert json.loads(gzip.decompress(base64.b64decode(pack({"a": 1})))) == {"a": 1}


@pytest.mark.parametrize(
    "text", ["", "!", base64.b64encode(b"x").decode(), base64.b64encode(gzip.compress(b"[1]")).decode(),
             base64.b64encode(gzip.compress(b"{")).decode(),
             base64.b64encode(gzip.compress(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")).decode(),
             pack({"a": "b" * 1000})[:-40]],
)  # fmt: skip
def test_rubbish_is_told(text: str) -> None:
    with pytest.raises(ErpProtocolError):
        unpack(text)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = base64.b64encode(gzip.compress(b'{"a": "' + b"b" * (MAX_DOWN + 10) + b'"}')).decode()
    assert len(bomb) < 100_000
    with pytest.raises(ErpProtocolError, match="more than"):
        unpack(bomb)


def test_too_much_is_not_sent() -> None:
    with pytest.raises(TooLargeError):
        pack({"a": "b" * (MAX_UP + 1)})
