"""What a person decides about deletion, and what is asked of him again."""

from __future__ import annotations

from recorder_service.domain.purge import PurgeWord
from recorder_service.domain.said import coded
from recorder_service.domain.times import DAY_US, SECOND_US

from .purge_rig import HOUR_US, Rig


def refuse(rig: Rig) -> None:
    """A person says no to what is asked now."""
    rig.erp.word = PurgeWord.REFUSED
    rig.round()
    rig.erp.word = None


def test_a_machine_that_was_off_asks_and_a_person_lets_go(rig: Rig) -> None:
    old = rig.record(28 * DAY_US)
    rig.begin(0)
    rig.clocks.wall += 3 * DAY_US  # off: no time was lived
    rig.clocks.erp += 3 * DAY_US
    rig.clocks.boot = "boot-2"
    rig.clocks.boottime = 5 * SECOND_US
    rig.restart()
    rig.round(5)
    assert rig.there(old)
    assert rig.worker.health().state == "parked"
    run, state, count = rig.erp.asked[-1]
    assert (state, count) == ("parked", 1)
    rig.erp.released.add(run)
    rig.round(5)
    assert not rig.there(old)
    assert rig.erp.ended == [(run, "done", 1, rig.erp.ended[0][3])]
    assert rig.worker.health().state == "ready"


def test_what_a_person_refused_is_asked_for_again_a_day_later_and_holds_up_no_other(rig: Rig) -> None:
    rig.erp.days = {7: 60, 8: 30}
    mine = rig.record(45 * DAY_US)
    rig.begin()
    rig.round(2)
    rig.erp.days = {7: 30, 8: 30}
    rig.round(2)
    refuse(rig)
    other = rig.record(31 * DAY_US, camera=8)
    rig.round(5)
    assert (rig.there(mine), rig.there(other)) == (True, False)
    assert [state for _run, state, _count in rig.erp.asked].count("parked") == 2
    assert coded(rig.worker.health().reason)["code"] == "deletion_refused"
    for again in (lambda: rig.clocks.pass_by(DAY_US), rig.restart):
        again()
        rig.round(2)
        assert rig.index.purges.parked() is not None
        refuse(rig)
        rig.round(2)
        assert rig.index.purges.parked() is None
    assert rig.there(mine)


def test_what_the_erp_itself_refused_is_asked_for_again_as_soon_as_it_is_due(rig: Rig) -> None:
    """Its clock had been ahead."""
    rig.erp.days = {7: 60, 8: 60}
    rig.record(45 * DAY_US)
    rig.begin()
    rig.round(2)
    rig.erp.days = {7: 30, 8: 60}
    rig.round(2)
    rig.erp.person = False
    refuse(rig)
    rig.round(2)
    assert rig.index.purges.parked() is not None


def test_a_refusal_is_about_its_cameras_alone(rig: Rig) -> None:
    rig.erp.days = {7: 60, 8: 60}
    for camera in (7, 8):
        rig.record(45 * DAY_US, camera=camera)
    rig.begin()
    rig.round(2)
    rig.erp.days = {7: 30, 8: 60}
    rig.round(2)
    refuse(rig)
    rig.erp.days = {7: 30, 8: 30}
    rig.round(3)
    parked = rig.index.purges.parked()
    assert parked is not None
    assert [share.camera_id for share in parked.shares] == [8]


def test_a_released_run_that_a_hold_lets_grow_waits_for_a_person_again(rig: Rig) -> None:
    rig.erp.days = {7: 60, 8: 30}
    shown, held = rig.record(45 * DAY_US), rig.record(44 * DAY_US)
    hold = rig.erp.hold((7,), held.start_us, held.stop_us)
    rig.begin()
    rig.round(2)
    rig.erp.days = {7: 30, 8: 30}
    rig.round(2)
    run, _state, count = rig.erp.asked[-1]
    assert count == 1
    rig.erp.released.add(run)
    rig.sync()
    rig.erp.release(hold)
    rig.erp.released.clear()
    rig.sync()
    other = rig.record(31 * DAY_US, camera=8)
    rig.round(5)
    assert (rig.there(shown), rig.there(held), rig.there(other)) == (True, True, False)
    assert rig.worker.health().state == "parked"
    assert rig.erp.asked[-1] == (run, "parked", 2)
    refuse(rig)
    rig.clocks.pass_by(2 * HOUR_US)
    rig.round(5)
    assert rig.there(shown), "no later hour lets go what a person refused"


def test_why_it_waits_is_kept_as_a_code_over_restarts(rig: Rig) -> None:
    rig.record(28 * DAY_US)
    rig.begin(0)
    rig.clocks.pass_by(3 * DAY_US)
    rig.clocks.boot, rig.clocks.boottime = "boot-2", 5 * SECOND_US
    rig.restart()
    rig.round(2)
    rig.restart()
    parked = rig.index.purges.parked()
    assert parked is not None
    assert coded(parked.reason) == {"code": "limit_leapt", "args": {"count": 1, "hours": 70}}
    rig.clocks.erp += 600 * SECOND_US
    rig.round()
    assert coded(rig.worker.health().reason) == {"code": "clocks_apart", "args": {"seconds": -600}}


def test_shorter_retention_asks_and_the_other_cameras_go_on(rig: Rig) -> None:
    rig.erp.days = {7: 60, 8: 30}
    mine = rig.record(45 * DAY_US)
    rig.begin()
    rig.round(2)
    other = rig.record(31 * DAY_US, camera=8)
    rig.erp.days = {7: 30, 8: 30}
    rig.round(5)
    assert (rig.there(mine), rig.there(other)) == (True, False)
    assert rig.index.purges.parked() is not None
    rig.erp.days = {7: 60, 8: 30}
    rig.round(2)
    assert rig.index.purges.parked() is None, "what is not due any more needs no word"


def test_a_clock_that_was_set_asks(rig: Rig) -> None:
    old = rig.record(29 * DAY_US + 12 * HOUR_US)
    rig.begin()
    rig.round()
    rig.clocks.wall += DAY_US
    rig.round(3)
    assert rig.worker.health().state == "off", "the two clocks disagree"
    rig.clocks.erp += DAY_US
    rig.round(3)
    assert rig.worker.health().state == "parked"
    assert rig.there(old)
    rig.clocks.wall -= DAY_US
    rig.clocks.erp -= DAY_US
    rig.round(3)
    assert rig.worker.health().state == "ready", "back where it was, it is believed again by itself"
    assert rig.there(old)


def test_a_clock_set_back_is_told_while_nothing_is_due(rig: Rig) -> None:
    old = rig.record(HOUR_US)
    rig.begin()
    rig.round()
    for name in ("wall", "erp"):
        setattr(rig.clocks, name, getattr(rig.clocks, name) - 365 * DAY_US)
    rig.round(3)
    told = rig.worker.health()
    assert (told.state, "clock was set by -31536000 s" in told.reason) == ("off", True)
    assert rig.there(old)


def test_a_person_vouches_for_the_new_time(rig: Rig) -> None:
    old = rig.record(29 * DAY_US + 12 * HOUR_US)
    rig.begin()
    rig.round()
    rig.clocks.wall += DAY_US
    rig.clocks.erp += DAY_US
    rig.round(3)
    parked = rig.index.purges.parked()
    assert parked is not None
    rig.erp.released.add(parked.run)
    rig.round(5)
    assert not rig.there(old)
    assert rig.worker.health().state == "ready"


def test_a_person_lets_go_what_was_shown_and_the_rest_asks_anew(rig: Rig) -> None:
    """Retention is shortened once more between the click and the deletion."""
    rig.erp.days = {7: 60, 8: 60}
    shown, more = rig.record(45 * DAY_US), rig.record(25 * DAY_US)
    rig.begin()
    rig.round(2)
    rig.erp.days = {7: 30, 8: 60}
    rig.round(3)
    (run, state, count) = rig.erp.asked[-1]
    assert (state, count) == ("parked", 1)
    rig.erp.released.add(run)
    rig.erp.days = {7: 20, 8: 60}
    rig.round(6)
    assert (rig.there(shown), rig.there(more)) == (False, True)
    assert [(state, segments) for _run, state, segments, _freed in rig.erp.ended] == [("done", 1)]
    parked = rig.index.purges.parked()
    assert parked is not None
    assert (parked.run != run, parked.segments) == (True, 1)


def test_a_release_that_comes_too_late_ends_the_purge(rig: Rig) -> None:
    old = rig.record(28 * DAY_US)
    rig.begin(0)
    for name in ("wall", "erp"):
        setattr(rig.clocks, name, getattr(rig.clocks, name) + 3 * DAY_US)
    rig.clocks.boot = "boot-2"
    rig.restart()
    rig.round(2)
    (run,) = {asked[0] for asked in rig.erp.asked}
    rig.erp.released.add(run)
    rig.sync()
    rig.erp.hold((7,), old.start_us)
    rig.round(4)
    assert rig.there(old)
    assert [ended[:2] for ended in rig.erp.ended] == [(run, "cancelled")]
    assert rig.index.purges.open() is None
