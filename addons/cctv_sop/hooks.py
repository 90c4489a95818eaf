def post_init_hook(env):
    """Give every company that exists already its code, so that cameras can be made."""
    env["res.company"].search([("cctv_code", "=", False)])._fill_cctv_code()
