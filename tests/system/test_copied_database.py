"""A copied database and a crash right after it: no number is given twice (what an upgrade and the tests stand on)."""

import pytest
from support import wait
from support.throwaway import Throwaway

COUNTED = "CREATE TABLE counted (id serial PRIMARY KEY)"
ONE_MORE = "INSERT INTO counted DEFAULT VALUES RETURNING id"


@pytest.fixture
def databases(system):
    """Return a database of two numbers and the name of its copy to be."""
    first, second = Throwaway(system), Throwaway(system)
    first.library('pg createdb -T template0 "$2"', first.name)
    try:
        first.query(COUNTED)
        for _ in range(2):
            first.query(ONE_MORE)
        yield first, second
    finally:
        first.drop()
        second.drop()


def test_numbers_outlive_a_crash(system, databases):
    first, second = databases
    first.library('copy_database "$2" "$3"', first.name, second.name)
    given = {int(second.query(ONE_MORE)[0][0]) for _ in range(3)}
    assert given == {3, 4, 5}
    system.kill("postgres")
    wait.until(lambda: system.healthy("postgres"), 60, "PostgreSQL back")
    assert int(second.query(ONE_MORE)[0][0]) > max(given)
    system.await_healthy("postgres", "odoo", "recorder")
