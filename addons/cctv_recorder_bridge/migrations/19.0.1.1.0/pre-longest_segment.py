def migrate(cr, version):
    """Keep each node's longest stored segment: how far back the ingest looks for what reaches into a new one."""
    if not version:
        return
    cr.execute("ALTER TABLE cctv_recorder ADD COLUMN IF NOT EXISTS longest_segment int4")
    cr.execute(
        """UPDATE cctv_recorder r SET longest_segment = s.longest
             FROM (SELECT n.id, coalesce(ceil(extract(epoch FROM max(d.stop - d.start))), 0) AS longest
                     FROM cctv_recorder n LEFT JOIN cctv_segment_data d ON d.recorder_id = n.id GROUP BY n.id) AS s
            WHERE s.id = r.id"""
    )
