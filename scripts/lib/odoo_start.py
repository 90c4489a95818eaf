#!/usr/bin/python3
"""Odoo's command line, with a server that ends when one of its threads for scheduled work does.

    [CCTV_ODOO_START=FILE] odoo_start.py [COMMAND] [OPTION]...

FILE is Odoo's own start script, by default `odoo` of the PATH. Odoo's threaded server starts no such thread anew, and
one lost connection to PostgreSQL ends it: whoever keeps the process starts the whole of it again (docs/decisions/0032).
"""

import logging
import os
import shutil
import signal
import sys
import threading
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

CRON = "odoo.service.cron."
GRACE_SECONDS = 30

_logger = logging.getLogger("cctv.odoo_start")
_ending = threading.Lock()
_tell = threading.excepthook


def on_end_of_thread(args):
    """End the process with a thread for scheduled work; what other threads answer just now is answered first."""
    _tell(args)
    if not args.thread or not args.thread.name.startswith(CRON):
        return
    _logger.error("%s has ended, and scheduled work with it: Odoo ends, to be started anew", args.thread.name)
    if _ending.acquire(blocking=False):  # at a second signal Odoo waits for nobody
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)


def start(file):
    """Run the start script as Python would; ``sys.argv`` stays: by it Odoo starts itself anew when it reloads."""
    sys.path[0] = os.path.dirname(os.path.realpath(file))
    loader = SourceFileLoader("__main__", file)
    loader.exec_module(module_from_spec(spec_from_loader("__main__", loader)))


if __name__ == "__main__":
    threading.excepthook = on_end_of_thread
    start(os.environ.get("CCTV_ODOO_START") or shutil.which("odoo"))
