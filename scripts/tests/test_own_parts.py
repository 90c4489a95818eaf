"""What the user already has is used when it fits, and refused by name when not."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1]


def program(path, words):
    """Write a program that only says its version."""
    path.write_text(f"#!/bin/sh\necho '{words}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


def call(script, tmp_path, **environment):
    """Run a set-up script with a cache of its own; return (exit code, output, words)."""
    done = subprocess.run(
        [SCRIPTS / script],
        env={**os.environ, "CCTV_CACHE": str(tmp_path / "cache"), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.mark.parametrize("version", ["18.0", "17.0+e", "20.0", "19.1", "saas~19.2"])
def test_another_odoo_is_refused(tmp_path, version):
    odoo = program(tmp_path / "odoo-bin", f"Odoo Server {version}")
    code, _, words = call("setup-odoo", tmp_path, ODOO_BIN=str(odoo), ODOO_PYTHON="/bin/sh")
    assert code == 1
    assert "This suite is for Odoo 19.0" in words
    assert version in words


def test_odoo_home_without_odoo_is_named(tmp_path):
    code, _, words = call("setup-odoo", tmp_path, ODOO_HOME=str(tmp_path))
    assert code == 1
    assert f"ODOO_HOME={tmp_path} holds no odoo-bin" in words


def test_own_mediamtx_is_used(tmp_path):
    own = program(tmp_path / "mediamtx", "v1.14.0")
    code, output, words = call("setup-mediamtx", tmp_path, MEDIAMTX_BIN=str(own))
    assert (code, output) == (0, str(own))
    assert "tested is v1." in words


@pytest.mark.parametrize("version", ["v1.11.3", "v0.23.8", "v2.0.0"])
def test_mediamtx_that_does_not_fit_is_refused(tmp_path, version):
    own = program(tmp_path / "mediamtx", version)
    code, _, words = call("setup-mediamtx", tmp_path, MEDIAMTX_BIN=str(own))
    assert code == 1
    assert version in words


def test_mediamtx_that_is_none_is_refused(tmp_path):
    own = program(tmp_path / "mediamtx", "hello")
    code, _, words = call("setup-mediamtx", tmp_path, MEDIAMTX_BIN=str(own))
    assert code == 1
    assert "does not answer --version" in words


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--odoo-port", "0"], "CCTV_ODOO_PORT=0 is not a port"),
        (["--odoo-port", "70000"], "CCTV_ODOO_PORT=70000 is not a port"),
        (["--nothing", "1"], "Unknown option"),
        (["--odoo-port"], "Unknown option or missing value"),
        (["here"], "Unknown argument"),
    ],
)
def test_run_refuses_what_it_does_not_know(tmp_path, words, message):
    done = subprocess.run(
        [SCRIPTS / "run", *words],
        env={**os.environ, "CCTV_RUN": str(tmp_path / "run")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert message in done.stderr
