"""Programs of ``bench/node`` in the running system's own recorder."""

import json
import shutil
import subprocess

from ..ground import as_service


def on_node(system, program, **job):
    """Run a program as the service's user; return what it measured.

    :param job: what it is told, beside a ``folder`` of its own on the run folder's disk
    """
    known, python = system.recorder_command()
    folder = system.owned_folder(system.owned_folder(system.run / "work" / "bench") / program)
    known["PYTHONPATH"] += f":{system.code / 'tests' / 'bench'}"
    command = as_service("env", *(f"{name}={value}" for name, value in known.items()), python, "-m", f"node.{program}")
    told = json.dumps({"folder": str(folder), **job})
    try:
        done = subprocess.run(command, input=told, cwd="/", capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(folder)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)
