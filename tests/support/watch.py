"""The watch over recorders, which Odoo's scheduler runs each minute."""

from . import rows, wait

WHICH = "id = (SELECT res_id FROM ir_model_data WHERE module = 'cctv_recorder_bridge' AND name = 'cron_watch')"


def stop(system):
    """Let it stand still since six minutes."""
    since = "lastcall = now() - interval '6 minutes', nextcall = now() + interval '1 hour'"
    rows.psql(system, f"UPDATE ir_cron SET {since} WHERE {WHICH}")


def go_on(system):
    """Let it run again."""
    rows.psql(system, f"UPDATE ir_cron SET nextcall = now() WHERE {WHICH}")


def await_next(system, limit_s=180):
    """Wait until it has run after now."""
    ((now,),) = rows.psql(system, "SELECT now()")
    ran = f"SELECT lastcall > '{now}' FROM ir_cron WHERE {WHICH}"
    wait.until(lambda: rows.psql(system, ran) == [["t"]], limit_s, "a watch over recorders", 2)
