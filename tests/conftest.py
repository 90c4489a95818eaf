"""Fixtures: the system under test, a seed that is printed, sessions by role."""

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.erp import Erp  # noqa: E402
from support.system import System  # noqa: E402


def pytest_configure(config):
    """Draw the run's seed."""
    config.cctv_seed = int(os.environ.get("CCTV_TEST_SEED") or random.SystemRandom().randrange(10**6))


def pytest_report_header(config):
    """Print what the run's inputs are drawn from."""
    return f"seed {config.cctv_seed} (repeat with CCTV_TEST_SEED={config.cctv_seed})"


def pytest_collection_modifyitems(config, items):
    """Leave out the long ones unless they were asked for: not collected, so never reported as skipped."""
    if os.environ.get("CCTV_TEST_LONG"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture
def draw(request):
    """Return a random source for one test, from the run's seed and the test's name."""
    return random.Random(f"{request.config.cctv_seed}-{request.node.nodeid}")


@pytest.fixture(scope="session")
def system():
    """Return the running system; ``CCTV_RUN`` names its folder (scripts/test starts it)."""
    run = os.environ.get("CCTV_RUN")
    if not run:
        pytest.exit("Set CCTV_RUN to the run folder of a system started by scripts/run, or use scripts/test.", 2)
    return System(run)


@pytest.fixture
def it(system):
    """Return Odoo as the IT role."""
    return Erp(system.access, "it")


@pytest.fixture
def admin(system):
    """Return Odoo as the administrator."""
    return Erp(system.access, "admin")
