def post_init_hook(env):
    """Give every company that exists already its code, so that cameras can be made."""
    env["res.company"].search([("cctv_code", "=", False)])._fill_cctv_code()


def uninstall_hook(env):
    """Drop what Odoo does not know of the custody ledger: functions with their triggers, the table of waiting lines."""
    env.cr.execute("DROP FUNCTION IF EXISTS cctv_custody_refuse() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS cctv_custody_numbered() CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS cctv_custody_waiting")
