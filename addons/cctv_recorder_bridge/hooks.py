def _drop_alarms(env):
    """Alarms that were raised, done ones too, would hold their types back and call people for ever."""
    kinds = env["ir.model.data"].search([("module", "=", "cctv_recorder_bridge"), ("model", "=", "mail.activity.type")])
    activities = env["mail.activity"].with_context(active_test=False)
    activities.search([("activity_type_id", "in", kinds.mapped("res_id"))]).unlink()


def _drop_pictures(env):
    """Stills show people: they go with the fields that held them."""
    for model, name in (("cctv.camera", "last_still"), ("cctv.recorder.job", "image")):
        shown = env["ir.attachment"].search([("res_model", "=", model), ("res_field", "=", name)])
        records = env[model].browse(shown.mapped("res_id")).exists()
        records._with_pass([name]).write({name: False})


def uninstall_hook(env):
    """Revoke the nodes' keys, archive their bots, drop what Odoo does not know: partitioned table and sequences.

    Runs before Odoo drops the models. Footage and holds on the nodes stay as they are.
    """
    recorders = env["cctv.recorder"].sudo().with_context(active_test=False).search([])
    recorders._cut_off()
    _drop_alarms(env)
    _drop_pictures(env)
    env.cr.execute("DROP TABLE IF EXISTS cctv_segment_data CASCADE")
    env.cr.execute("DROP SEQUENCE IF EXISTS cctv_segment_id_seq")
    env.cr.execute("DROP SEQUENCE IF EXISTS cctv_hold_version_seq")
