"""Words of the engine without addresses of cameras."""

from __future__ import annotations

import pytest

from recorder_service.engine.hosts import hostless


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("[RTSP source] dial tcp 10.1.2.3:554: connect: connection refused",
         "[RTSP source] dial tcp ***: connect: connection refused"),
        ("[RTSP source] dial tcp [fd00::7]:554: connect: no route to host",
         "[RTSP source] dial tcp ***: connect: no route to host"),
        ("dial tcp [fe80::1%eth0]:554: i/o timeout", "dial tcp ***: i/o timeout"),
        ("dial tcp cam.local:554: i/o timeout", "dial tcp ***: i/o timeout"),
        ("dial tcp kamera-1: i/o timeout", "dial tcp ***: i/o timeout"),
        ("read tcp 10.0.0.2:34412->10.0.0.9:554: read: connection reset by peer",
         "read tcp ***->***: read: connection reset by peer"),
        ("write udp [fd00::1]:9000->[fd00::7]:9000: broken pipe", "write udp ***->***: broken pipe"),
        ("[RTSP source] dial tcp: lookup cam.local on 10.255.255.53:53: no such host",
         "[RTSP source] dial tcp: lookup *** on ***: no such host"),
        ("lookup kamera-1 on [::1]:53: read udp [::1]:4444->[::1]:53: read: connection refused",
         "lookup *** on ***: read udp ***->***: read: connection refused"),
        ("dial tcp: lookup kamera-1: no such host", "dial tcp: lookup ***: no such host"),
        ("dial tcp: lookup cam.local.: Temporary failure in name resolution",
         "dial tcp: lookup ***: Temporary failure in name resolution"),
        ("dial tcp: address cam.local:99999: invalid port", "dial tcp: address ***: invalid port"),
        ("no answer from fd00::7: timed out", "no answer from ***: timed out"),
        ("RTP packet from ::ffff:10.1.2.3, unexpected", "RTP packet from ***, unexpected"),
        ("'rtsp://admin:***@10.1.2.3:554/x%zz' is not a valid URL", "'rtsp://***' is not a valid URL"),
        ("rtsp://cam.local/x: EOF", "rtsp://***: EOF"),
        ('Get "http://cam.local/a.m3u8": dial tcp 10.1.2.3:80: connect: connection refused',
         'Get "http://***": dial tcp ***: connect: connection refused'),
        ("moved to rtsps://[fd00::7]:322/main.", "moved to rtsps://***."),
        ("tls: failed to verify certificate: x509: certificate is valid for a.local, b.local, not cam.local",
         "tls: failed to verify certificate: x509: certificate is valid for ***"),
        ("x509: certificate is not valid for any names, but wanted to match cam.local",
         "x509: certificate is not valid for any names, but wanted to match ***"),
        ("x509: cannot validate certificate for 10.1.2.3 because it doesn't contain any IP SANs",
         "x509: cannot validate certificate for *** because it doesn't contain any IP SANs"),
    ],
)  # fmt: skip
def test_no_address_stays(words: str, shown: str) -> None:
    assert hostless(words) == shown


@pytest.mark.parametrize(
    "words",
    [
        "[RTSP source] bad status code: 401 (Unauthorized)",
        "[RTSP source] bad status code: 404 (Not Found)",
        "[RTSP source] EOF",
        "[RTSP source] TCP timeout",
        "connect: no route to host",
        "dial tcp: i/o timeout",
        "bind: address already in use",
        "[recorder] write /m/acme-cam-01/2026-11-24/1795521348-808581.mp4: no space left on device",
        "[recorder] detected drift between recording duration and absolute time, resetting",
        "2026-11-24 11:55:48 invalid header: unexpected version 1.20.1",
        "",
    ],
)
def test_the_reason_stays(words: str) -> None:
    assert hostless(words) == words


def test_long_texts_are_cut_before_they_are_searched() -> None:
    for text in ("a." * 500_000, "[" + ":" * 500_000):
        assert len(hostless(text)) <= 2000
