#!/usr/bin/python3
"""Keep one process running.

    keep.py start --run DIR --name NAME [options] -- COMMAND...
    keep.py stop  --run DIR NAME...
    keep.py list  --run DIR

`start` puts a keeper into the background that outlives the terminal, restarts the command when it exits (1 s, doubling
to 30 s or --longest-delay, 1 s again after a minute of life), appends its output to DIR/log/NAME.log and describes it
in DIR/state/NAME.json:
{name, pid, keeper_pid, state, since, restarts, exit, command}; state is running, waiting (for a restart) or stopped.
A keeper that is killed leaves its process alone: the next `start` adopts it, so that no recorder loses a frame.
Only the standard library is used, as any python3 of the system must do.
"""

import argparse
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
STABLE_SECONDS = 60.0
TICK_SECONDS = 1.0
LOCK_SECONDS = 1.0
COPY_CHUNK = 1 << 20


class AlreadyKept(Exception):
    """Another keeper holds the name."""


def utc_now():
    """Return the time as ISO 8601 text in UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def started_at(pid):
    """Return the kernel's start tick of a live process, or None: a pid alone may have been given to another one."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


class State:
    """The state file of one name, and the lock that says whether a keeper is alive."""

    def __init__(self, run, name):
        self.path = Path(run, "state", f"{name}.json")
        self.lock_path = Path(run, "state", f"{name}.lock")
        self.lock = None

    def read(self):
        """Return the last written state as a dict, empty when there is none."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return json.loads(self.path.read_text(encoding="utf-8"))
        return {}

    def write(self, **values):
        """Replace the file in one rename, so that a reader never sees half of it."""
        temporary = self.path.with_suffix(".json.new")
        temporary.write_text(json.dumps(values) + "\n", encoding="utf-8")
        temporary.replace(self.path)

    def take(self):
        """Take the name for this process; raise AlreadyKept when another one has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.lock_path, "a", encoding="utf-8")  # noqa: SIM115 - held for the keeper's life
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                return fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # a look by kept() is short, a keeper stays
                if time.monotonic() > until:
                    raise AlreadyKept(self.path.stem) from None
                time.sleep(0.02)

    def kept(self):
        """Tell whether a keeper holds the name now."""
        try:
            handle = open(self.lock_path, encoding="utf-8")  # noqa: SIM115 - closed by `with` below
        except FileNotFoundError:
            return False
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


class Log:
    """A log file with a size cap: copied to .1, .2 … and truncated, since the writer keeps its descriptor."""

    def __init__(self, path, cap, keep):
        self.path, self.cap, self.keep = Path(path), cap, keep
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def open(self):
        """Return a descriptor to append to; O_APPEND makes truncation safe for the writer."""
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def say(self, text):
        """Append a line of the keeper's own."""
        descriptor = self.open()
        os.write(descriptor, f"{utc_now()} keep: {text}\n".encode())
        os.close(descriptor)

    def rotate(self):
        """Move the content on when the file has passed its cap."""
        try:
            if self.path.stat().st_size < self.cap:
                return
        except FileNotFoundError:
            return
        for number in range(self.keep - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                self._numbered(number).replace(self._numbered(number + 1))
        with open(self.path, "r+b") as source, open(self._numbered(1), "wb") as target:
            while chunk := source.read(COPY_CHUNK):
                target.write(chunk)
            source.truncate(0)

    def _numbered(self, number):
        return self.path.with_name(f"{self.path.name}.{number}")


class Keeper:
    """Runs the command again and again until it is told to end."""

    def __init__(self, options):
        self.options = options
        self.state = State(options.run, options.name)
        self.log = Log(Path(options.run, "log", f"{options.name}.log"), options.log_bytes, options.log_files)
        self.child = None
        self.pid = None
        self.tick = None
        self.since = utc_now()
        self.restarts = 0
        self.last_exit = None
        self.ending = False
        self.wake = None

    def run(self):
        """Hold the name and keep the command until TERM or INT; leave a state `stopped` behind."""
        self._listen()
        delay = FIRST_DELAY
        adopted = self._adopt()
        while not self.ending:
            begun = time.monotonic()
            if not adopted and not self._spawn():
                self._pause(delay)
                delay = min(delay * 2, self.options.longest_delay)
                continue
            adopted = False
            self._watch()
            if self.ending:
                break
            if time.monotonic() - begun >= STABLE_SECONDS:
                delay = FIRST_DELAY
            self.restarts += 1
            self.log.say(f"{self.options.name} ended ({self.last_exit}), again in {delay:g} s")
            self._publish("waiting")
            self._pause(delay)
            delay = min(delay * 2, self.options.longest_delay)
        self._end_child()
        self.pid = None
        self.since = utc_now()
        self._publish("stopped")

    def _listen(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        os.set_inheritable(reader, False)
        self.wake = reader
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_end)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_end(self, _number, _frame):
        self.ending = True

    def _adopt(self):
        old = self.state.read()
        pid, tick = old.get("pid"), old.get("pid_tick")
        if not pid or tick is None or started_at(pid) != tick:
            return False
        self.tick = tick
        self.pid, self.since, self.restarts = pid, old.get("since", utc_now()), old.get("restarts", 0)
        self.log.say(f"{self.options.name} still runs as {pid}: adopted")
        self._publish("running")
        return True

    def _spawn(self):
        output = self.log.open()
        try:
            self.child = subprocess.Popen(
                self.options.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.options.cwd,
                start_new_session=True,
            )
        except OSError as error:
            self.last_exit = str(error)
            self.log.say(f"cannot start {self.options.command[0]}: {error}")
            self.pid = None
            self._publish("waiting")
            return False
        finally:
            os.close(output)
        self.pid = self.child.pid
        self.since = utc_now()
        self._publish("running")
        return True

    def _watch(self):
        while not self.ending and self._alive():
            self._sleep(TICK_SECONDS)
            self.log.rotate()
        if not self._alive():
            self.pid = None
            self.since = utc_now()

    def _alive(self):
        if self.child is None:
            return self.pid is not None and started_at(self.pid) == self.tick
        code = self.child.poll()
        if code is None:
            return True
        self.last_exit = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return False

    def _pause(self, seconds):
        until = time.monotonic() + seconds
        while not self.ending and (left := until - time.monotonic()) > 0:
            self._sleep(left)

    def _sleep(self, seconds):
        ready, _, _ = select.select([self.wake], [], [], seconds)
        if ready:
            os.read(self.wake, 512)

    def _end_child(self):
        if not self.pid or not self._alive():
            return
        self._signal(self.options.stop_signal)
        until = time.monotonic() + self.options.grace
        while self._alive() and time.monotonic() < until:
            self._sleep(0.1)
        if self._alive():
            self.log.say(f"{self.options.name} did not end in {self.options.grace:g} s: killed")
            self._signal(signal.SIGKILL)
        while self._alive():
            self._sleep(0.05)

    def _signal(self, number):
        """KILL goes to the whole group, others to the process, which ends its own children in its own way."""
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)

    def _publish(self, state):
        self.state.write(
            name=self.options.name,
            pid=self.pid,
            pid_tick=started_at(self.pid) if self.pid else None,
            keeper_pid=os.getpid(),
            state=state,
            since=self.since,
            restarts=self.restarts,
            exit=self.last_exit,
            command=self.options.command,
        )


def detach():
    """Go into the background in a session of its own; only the grandchild returns."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def start(options):
    """Start a keeper unless the name is kept already; return 0 when one holds the name."""
    state = State(options.run, options.name)
    if state.kept():
        return 0
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return 0 if _wait_for(state.kept, 5) else 1
    detach()
    os.umask(0o027)
    keeper = Keeper(options)
    try:
        keeper.state.take()
        keeper.run()
    except AlreadyKept:
        os._exit(0)
    except Exception as error:  # noqa: BLE001 - the last words of a process that nobody watches
        keeper.log.say(f"keeper failed: {error!r}")
        os._exit(1)
    os._exit(0)


def stop(options):
    """End the named processes in the given order; return 1 when one of them would not end."""
    return max((_stop_one(options.run, name, options.timeout) for name in options.names), default=0)


def _stop_one(run, name, timeout):
    state = State(run, name)
    if not state.kept():
        return _stop_orphan(state)
    keeper = state.read().get("keeper_pid")
    with contextlib.suppress(ProcessLookupError, TypeError):
        os.kill(keeper, signal.SIGTERM)
    if _wait_for(lambda: not state.kept(), timeout):
        return 0
    print(f"{name} (keeper {keeper}) did not end in {timeout:g} s", file=sys.stderr)
    return 1


def _stop_orphan(state):
    """End a process whose keeper was killed."""
    left = state.read()
    pid, tick = left.get("pid"), left.get("pid_tick")
    if not pid or tick is None or started_at(pid) != tick:
        return 0
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if _wait_for(lambda: started_at(pid) != tick, 20):
            state.write(**{**left, "pid": None, "pid_tick": None, "state": "stopped", "since": utc_now()})
            return 0
    return 1


def _wait_for(condition, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def show(options):
    """Print one line a name: state, pid, since, restarts."""
    for path in sorted(Path(options.run, "state").glob("*.json")):
        state = State(options.run, path.stem)
        row = state.read()
        word = row.get("state") if state.kept() else "stopped"
        print(path.stem, word, row.get("pid") or "-", row.get("since"), row.get("restarts"), sep="\t")
    return 0


def parse(arguments):
    """Return the options of one call; the command is what follows `--`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    begin = actions.add_parser("start")
    begin.add_argument("--name", required=True)
    begin.add_argument("--cwd", default="/")
    begin.add_argument("--stop-signal", type=lambda text: signal.Signals[f"SIG{text}"], default=signal.SIGTERM)
    begin.add_argument("--grace", type=float, default=20.0, help="seconds before KILL")
    begin.add_argument("--longest-delay", type=float, default=LONGEST_DELAY, help="seconds before a restart, at most")
    begin.add_argument("--log-bytes", type=int, default=20_000_000)
    begin.add_argument("--log-files", type=int, default=5)
    begin.add_argument("command", nargs="+")
    begin.set_defaults(call=start)
    end = actions.add_parser("stop")
    end.add_argument("--timeout", type=float, default=40.0)
    end.add_argument("names", nargs="+")
    end.set_defaults(call=stop)
    listing = actions.add_parser("list")
    listing.set_defaults(call=show)
    for action in (begin, end, listing):
        action.add_argument("--run", required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    parsed = parse(sys.argv[1:])
    sys.exit(parsed.call(parsed))
