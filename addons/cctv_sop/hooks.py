def post_init_hook(env):
    """Give every company that exists already its code, so that cameras can be made."""
    env["res.company"].search([("cctv_code", "=", False)])._fill_cctv_code()


def uninstall_hook(env):
    """Let go of what would hold the removal back, and drop what Odoo does not know.

    Image levels are data, which Odoo removes before the tables that refer to them; the custody ledger has functions
    with triggers and a table of waiting lines; the clock of holds is a table too.
    """
    env.cr.execute("UPDATE cctv_camera SET required_level_id = NULL")
    env.cr.execute("DELETE FROM cctv_image_requirement")
    env.cr.execute("DROP FUNCTION IF EXISTS cctv_custody_refuse() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS cctv_custody_numbered() CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS cctv_custody_waiting")
    env.cr.execute("DROP TABLE IF EXISTS cctv_hold_clock")
    env.invalidate_all()
