KINDS = {
    "cctv.recorder": ("offline", "key", "strays", "custody", "unallowed", "two_voices"),
    "cctv.deletion.run": ("purge",),
}


def migrate(cr, version):
    """Offer each activity type on its model alone; their data is not updated where it stands.

    Cameras that do not record have a type of their own. Alarms that were marked done rest by their type, and by when
    that was: so they get it too, and keep that time.
    """
    if not version:
        return
    for model, kinds in KINDS.items():
        cr.execute(
            """UPDATE mail_activity_type t SET res_model = %s
                 FROM ir_model_data d
                WHERE d.module = 'cctv_recorder_bridge' AND d.model = 'mail.activity.type' AND d.res_id = t.id
                  AND d.name = ANY(%s)""",
            [model, [f"mail_activity_{kind}" for kind in kinds]],
        )
    cr.execute(
        """UPDATE mail_activity a SET activity_type_id = own.res_id
             FROM ir_model_data own, ir_model_data shared
            WHERE own.module = 'cctv_recorder_bridge' AND own.name = 'mail_activity_camera_offline'
              AND shared.module = 'cctv_recorder_bridge' AND shared.name = 'mail_activity_offline'
              AND a.res_model = 'cctv.camera' AND a.activity_type_id = shared.res_id"""
    )
