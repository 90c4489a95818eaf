def post_init_hook(env):
    """Give every company that exists already its code, so that cameras can be made."""
    env["res.company"].search([("cctv_code", "=", False)])._fill_cctv_code()


def uninstall_hook(env):
    """Image levels are data, which Odoo removes before the tables that refer to them: nothing may hold them back."""
    env.cr.execute("UPDATE cctv_camera SET required_level_id = NULL")
    env.cr.execute("DELETE FROM cctv_image_requirement")
    env.invalidate_all()
