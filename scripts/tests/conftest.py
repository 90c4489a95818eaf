"""Tests of the operating scripts: real processes, real files."""

import os
import sys
from pathlib import Path

LIB = Path(__file__).resolve().parents[1] / "lib"
sys.path.insert(0, str(LIB))
sys.path.append(str(LIB.parents[1] / "recorder_service" / "src"))
# needs root and its service user: a part of scripts/test of its own
collect_ignore = [] if os.geteuid() == 0 else ["test_planted_links.py"]
