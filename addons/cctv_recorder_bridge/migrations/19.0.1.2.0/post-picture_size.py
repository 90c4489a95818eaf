from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Keep what each camera's last good test said of its picture; the image level follows from it."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    # a test from before its stream was last written may be of another address
    cr.execute(
        """SELECT DISTINCT ON (j.camera_id) j.camera_id, (j.result->>'width')::int, (j.result->>'height')::int
             FROM cctv_recorder_job j
             JOIN cctv_camera_source s ON s.camera_id = j.camera_id AND s.kind = 'main' AND s.write_date <= j.done_at
            WHERE j.kind = 'test_stream' AND j.state = 'done' AND j.params->>'which' = 'main'
              AND j.result->>'ok' = 'true' AND j.result->>'width' ~ '^[1-9][0-9]{0,4}$'
              AND j.result->>'height' ~ '^[1-9][0-9]{0,4}$'
            ORDER BY j.camera_id, j.id DESC"""
    )
    for camera, width, height in cr.fetchall():
        env["cctv.camera"].browse(camera)._note_size(width, height)
    env.flush_all()
