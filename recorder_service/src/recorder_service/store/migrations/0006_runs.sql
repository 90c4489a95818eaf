-- The segment that a path's next one follows, whatever was found late since; values, for its row may leave.
CREATE TABLE tip (
    path TEXT PRIMARY KEY,
    run BLOB NOT NULL CHECK (length(run) = 16),
    number INTEGER NOT NULL,
    start_us INTEGER NOT NULL,
    stop_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tip (path, run, number, start_us, stop_us)
    SELECT path, run, number, start_us, stop_us FROM segment
    WHERE id IN (SELECT max(id) FROM segment GROUP BY path);
CREATE INDEX segment_run ON segment (path, run, number);
