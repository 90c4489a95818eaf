"""The service user owns ``.run``: what it plants there must not lead the scripts, which root runs, anywhere else."""

import json
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest
from places import contents, open_folder

SCRIPTS = Path(__file__).resolve().parents[1]
HIDDEN = "root:only-root-reads-this"
SOURCES = """
. "$1/lib/common.sh"
for part in run postgres odoo database services; do . "$SCRIPTS/lib/$part.sh"; done
CCTV_CODE=$ROOT ODOO_PYTHON=/bin/true ODOO_START=/bin/true ODOO_PATH= ODOO_ADDONS=/nowhere
MEDIAMTX_BIN=/bin/true RECORDER_PYTHON=/bin/true
load_ports
"""


class Place:
    """A checkout's scripts, a run folder that the service user owns, and a folder that is none of its business."""

    def __init__(self, base):
        self.scripts = base / "checkout" / "scripts"
        shutil.copytree(SCRIPTS, self.scripts, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("addons", "recorder_service", "data"):
            (base / "checkout" / name).mkdir()
        self.outside = base / "outside"
        (self.outside / "cron.d").mkdir(parents=True)
        (self.outside / "filestore" / "old").mkdir(parents=True)
        (self.outside / "shadow").write_text(HIDDEN)
        (self.outside / "shadow").chmod(0o600)
        self.run = base / "checkout" / ".run"
        self.call("prepare_run_folder; secret odoo-master | write_file 600 $CCTV_RUN/secrets/odoo-master.hash")

    def call(self, commands, check=True, **environment):
        """Run functions of the scripts as root."""
        return self.start(["bash", "-c", SOURCES + commands, "bash", self.scripts], check, **environment)

    def start(self, words, check=False, **environment):
        """Run a command as root, with this place's run folder."""
        environment = {**os.environ, "CCTV_RUN": str(self.run), "CCTV_PORT_BASE": "24100", **environment}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    def plant(self, name, target):
        """Put a link below the run folder, as the service user would."""
        link = self.run / name
        user = pwd.getpwnam("cctv")
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        link.unlink(missing_ok=True)
        link.symlink_to(self.outside / target)
        os.chown(link, user.pw_uid, user.pw_gid, follow_symlinks=False)

    def seen(self):
        return contents(self.outside)


@pytest.fixture
def place():
    with open_folder("cctv-links-") as base:
        yield Place(base)


@pytest.mark.parametrize(
    ("planted", "target", "commands"),
    [
        ("env.new", "cron.d/x", "save_ports"),
        ("env", "cron.d/x", "save_ports"),
        ("odoo/odoo.conf.new", "cron.d/x", "write_odoo_config"),
        ("odoo/odoo.new", "cron.d/x", "write_odoo_wrapper"),
        ("recorder/recorder.new", "cron.d/x", "write_recorder_wrapper"),
        ("secrets/one.new", "cron.d/x", "secret one"),
        ("test.code.new", "cron.d", "CCTV_CODE=$CCTV_RUN/test.code; copy_code"),
        ("odoo/data", ".", "pg_admin() { :; }; drop_database old || true"),
    ],
)
def test_a_planted_file_is_not_followed(place, planted, target, commands):
    place.plant(planted, target)
    before = place.seen()
    place.call(commands)
    assert place.seen() == before


@pytest.mark.parametrize("folder", ["log", "state", "odoo", "recorder", "media", "cameras", "secrets", "test"])
def test_a_folder_that_became_a_link_is_not_given_away(place, folder):
    place.plant(folder, "cron.d")
    before = place.seen()
    for commands in ("prepare_run_folder", "secret one", "write_odoo_config", "write_recorder_wrapper"):
        place.call(commands, check=False)
    place.call("prepare_run_folder", check=False, CCTV_RUN=str(place.run / "test"))
    assert place.seen() == before


def test_what_only_root_reads_is_not_handed_on(place):
    (place.run / "secrets" / "load.json").unlink(missing_ok=True)
    for name in ("secrets/postgres-odoo", "secrets/load.json"):
        place.plant(name, "shadow")
    told = place.call("secret postgres-odoo; write_odoo_config; save_ports; access", check=False)
    assert HIDDEN not in told.stdout
    found = subprocess.run(["grep", "-rl", HIDDEN, place.run], capture_output=True, text=True, check=False)
    assert found.stdout == ""


def test_sample_cameras_write_as_the_service_user(place):
    place.plant("cameras", "cron.d")
    playing = {"pid": os.getpid(), "cameras": [{"name": "cam-01", "state": "down", "dropout": False}]}
    (place.outside / "cron.d" / "samples.state.json").write_text(json.dumps(playing))
    before = place.seen()
    with pytest.raises(subprocess.TimeoutExpired):  # nobody obeys, so the order would be waited for
        subprocess.run(
            [place.scripts / "cameras", "resume", "--name", "cam-01"],
            env={**os.environ, "CCTV_RUN": str(place.run)},
            timeout=2,
            check=False,
        )
    done = place.start([place.scripts / "cameras", "drop", "--name", "cam-01"])
    assert done.returncode == 1
    assert "no camera" not in done.stderr
    assert place.seen() == before


COPY = "CCTV_CODE=$CCTV_RUN/copy; copy_code; "


def test_logs_show_nothing_that_a_planted_link_leads_to(place):
    place.plant("log/odoo.log", "shadow")
    done = place.start([place.scripts / "logs", "-n", "5", "odoo"])
    assert HIDDEN not in done.stdout + done.stderr


def test_a_copy_that_has_become_old_is_told(place):
    checkout = place.scripts.parent
    place.call(COPY + "keep sleeper -- /bin/sleep 60")
    try:
        assert place.call(COPY).stderr == ""
        (checkout / "addons" / "new.py").write_text("")
        assert "the code has changed" in place.call(COPY).stderr
        assert not (place.run / "copy" / "addons" / "new.py").exists()
    finally:
        place.call("CCTV_CODE=$CCTV_RUN/copy; keeper stop --run $CCTV_RUN sleeper")
    assert "has changed" not in place.call(COPY).stderr
    assert (place.run / "copy" / "addons" / "new.py").exists()


def test_stop_ends_nobody_elses_process(place):
    with subprocess.Popen(["sleep", "60"]) as other:
        lock = ["setpriv", "--reuid=cctv", "--regid=cctv", "--init-groups", "flock", place.run / "state/odoo.lock"]
        with subprocess.Popen([*lock, "sleep", "4"]) as holder:
            place.call(f"printf '{{\"keeper_pid\": {other.pid}}}' | write_file 644 $CCTV_RUN/state/odoo.json")
            place.start([place.scripts / "stop", "odoo"])
            assert other.poll() is None
            holder.wait()
        other.kill()


def test_clean_removes_nothing_outside(place):
    target = place.run / "inner"
    place.plant("inner", "cron.d")
    (place.outside / "cron.d" / "job").write_text("kept")
    link = place.run.parent / "run"
    link.symlink_to(target)
    before = place.seen()
    place.start([place.scripts / "clean", "--yes"], CCTV_RUN=str(link))
    assert place.seen() == before
