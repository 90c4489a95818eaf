"""Until live view is built the gate refuses every viewer."""

import requests


def test_no_viewer_gets_in(system):
    for place, path in (("hls", "cns-cam-01/index.m3u8"), ("whep", "cns-cam-01/whep")):
        answer = requests.request(
            "POST" if place == "whep" else "GET",
            f"{system.access['mediamtx'][place]}/{path}",
            headers={"Authorization": "Bearer x", "Content-Type": "application/sdp"},
            data="v=0\r\n" if place == "whep" else None,
            timeout=15,
            allow_redirects=True,
        )
        assert answer.status_code in (401, 403), answer.text
