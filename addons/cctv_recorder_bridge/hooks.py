def uninstall_hook(env):
    """Revoke the nodes' keys, archive their bots, drop what Odoo does not know: partitioned table and sequences.

    Runs before Odoo drops the models. Footage and holds on the nodes stay as they are.
    """
    recorders = env["cctv.recorder"].sudo().with_context(active_test=False).search([])
    recorders._cut_off()
    env.cr.execute("DROP TABLE IF EXISTS cctv_segment_data CASCADE")
    env.cr.execute("DROP SEQUENCE IF EXISTS cctv_segment_id_seq")
    env.cr.execute("DROP SEQUENCE IF EXISTS cctv_hold_version_seq")
