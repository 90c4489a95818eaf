-- What segment_live leaves out, so that storing a hold looks at what is gone of its cameras alone. The condition stands
-- as the query has it.
CREATE INDEX segment_absent ON segment (camera_id, start_us)
    WHERE NOT (status NOT IN ('missing', 'deleted') AND purge = 'live');
