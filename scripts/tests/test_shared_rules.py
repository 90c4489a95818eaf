"""Rules that stand twice: in the service, which records, and in the bridge, where people say what to record."""

import ast
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from recorder_service.domain.health import STOPPING
from recorder_service.domain.said import SaidCode
from recorder_service.engine.address import mistake

BRIDGE = Path(__file__).resolve().parents[2] / "addons" / "cctv_recorder_bridge"
SOURCE_URL = BRIDGE / "tools" / "source_url.py"
GOOD = [
    "rtsp://cam",
    "rtsp://cam:",
    "rtsp://cam_1.example:8554/stream1",
    "rtsps://192.0.2.7:322/a%20b?c=%41&d=e@f",
    "RTSP://CAM/x",
    "rtsp://[2001:db8::7]:554/x",
    "rtsp://[::ffff:192.0.2.7]/x",
    "rtsp://[fe80::1%25eth0]/x",
    "rtsp://cam/ü/x'y[1]",
    "rtsp://cam/user=admin&password=&channel=1&stream=0.sdp",
    "rtsp://cam/user=admin_password=_channel=1",
    "rtsp://cam/x?bypass=1&compass=n&auth=digest",
    "rtsp://cam/password/x?channel=1",
]
# by what the bridge calls it and what the service calls it; "" where one of them takes it
BAD = {
    ("empty", "address_scheme"): [""],
    ("blank", "address_blank"): [
        "rtsp://cam/a b",
        "rtsp://c am/x",
        "rtsp://cam/a\tb",
        "rtsp://cam/\x7f",
        "rtsp://c\xa0m/",
    ],
    ("hash", "address_hash"): ["rtsp://cam/x#y", "rtsp://cam#", "http://cam/#"],
    ("percent", "address_percent"): ["rtsp://cam/50%", "rtsp://cam/%4", "rtsp://cam/x?y=%zz"],
    ("name", "address_percent"): ["rtsp://[fe80::1%eth0]/x"],
    ("scheme", "address_scheme"): ["http://cam/x", "rtmp://cam/x", "file:///x", "cam/x"],
    ("host", "address_scheme"): ["rtsp:///x", "rtsp://:554/x", "rtsp:cam/x"],
    ("port", "address_invalid"): [
        "rtsp://cam:port/x",
        "rtsp://cam:99999/x",
        "rtsp://cam:-1/x",
        "rtsp://cam:1:2/x",
        "rtsp://[::1/x",
        "rtsp://[::1]x/x",
        "rtsp://[192.0.2.7]/x",
    ],
    ("name", "address_host"): ["rtsp://cäm/x", "rtsp://c|m/x", "rtsp://c\\m/x", "rtsp://c%41m/x", "rtsp://[v1.a]/x"],
    # a person's slip, which the engine would take
    ("port", ""): ["rtsp://cam:0/x"],
    ("long", ""): ["rtsp://cam/" + "x" * 500],
    # stored ones record on
    ("secret", ""): [
        "rtsp://cam/a?user=admin&password=k4m",
        "rtsp://cam/a?PASSWD=k4m",
        "rtsp://cam/a?p%61ss%3Dk4m",
        "rtsp://cam/a?pwd=_k4m",
        "rtsp://cam/a?user_pwd=k4m",
        "rtsp://cam/a?loginpass=k4m",
        "rtsp://cam/a;userPassword=k4m/b",
        "rtsp://cam/a&pass=/k4m",
        "rtsp://cam/user=admin_password=k4m_channel=1_stream=0.sdp",
        "rtsp://cam/cam/realmonitor?channel=1&authbasic=YTpi",
        "rtsp://cam/x?password1=k4m",
    ],
    # the bridge keeps them apart from the address
    ("", "address_login"): ["rtsp://admin:k4m@cam/x", "rtsp://admin@cam/x"],
}


@pytest.fixture(scope="module")
def bridge():
    """The bridge's module, which needs no Odoo."""
    spec = spec_from_file_location("source_url", SOURCE_URL)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def reason(bridge, address):
    """What the bridge finds wrong, or nothing."""
    try:
        bridge.split(address)
    except bridge.UrlError as error:
        return error.reason
    return ""


def code(address):
    """What the service finds wrong, or nothing."""
    return getattr(mistake(address), "code", "")


@pytest.mark.parametrize("address", GOOD)
def test_both_take_a_right_address(bridge, address):
    assert (reason(bridge, address), code(address)) == ("", "")
    scheme, _, rest = address.partition("://")
    for typed in (address, f" {address} ", f"{scheme}://admin:k%40m@{rest}"):
        assert code(bridge.split(typed)[0]) == ""


@pytest.mark.parametrize(("verdicts", "address"), [(pair, one) for pair, some in BAD.items() for one in some])
def test_both_refuse_a_wrong_address(bridge, verdicts, address):
    assert (reason(bridge, address), code(address)) == verdicts


def test_each_kind_of_mistake_is_tried():
    reasons = set(re.findall(r'UrlError\("(\w+)"\)', SOURCE_URL.read_text("utf-8")))
    assert {reason for reason, _code in BAD} - {""} == reasons
    assert {code for _reason, code in BAD} - {""} == {code for code in SaidCode if code.startswith("address_")}


def test_the_same_alarms_stop_recording():
    tree = ast.parse((BRIDGE / "models" / "recording" / "cctv_recorder.py").read_text("utf-8"))
    (alarms,) = [
        ast.literal_eval(node.value.args[0])
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "STOPPING"
    ]
    assert set(alarms) == {alarm.value for alarm in STOPPING}
