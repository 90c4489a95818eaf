def migrate(cr, version):
    """Offer the activity types of holds on holds alone; their data is not updated where it stands."""
    if not version:
        return
    cr.execute(
        """UPDATE mail_activity_type t SET res_model = 'cctv.legal.hold'
             FROM ir_model_data d
            WHERE d.module = 'cctv_sop' AND d.model = 'mail.activity.type' AND d.res_id = t.id
              AND d.name LIKE 'mail\\_activity\\_hold\\_%'"""
    )
