-- How a segment leaves: live, doomed (chosen), confirmed (by the ERP), gone (file absent, folder fsynced).
ALTER TABLE segment ADD COLUMN purge TEXT NOT NULL DEFAULT 'live'
    CHECK (purge IN ('live', 'doomed', 'confirmed', 'gone'));
ALTER TABLE segment ADD COLUMN purge_run TEXT;   -- UUID of the purge it is or was part of
ALTER TABLE segment ADD COLUMN freed INTEGER;    -- bytes of its blocks, measured when it was chosen
ALTER TABLE segment ADD COLUMN gone_us INTEGER;
ALTER TABLE segment ADD COLUMN gone_told INTEGER NOT NULL DEFAULT 0;
CREATE INDEX segment_live ON segment (camera_id, start_us)
    WHERE purge = 'live' AND status NOT IN ('missing', 'deleted');
CREATE INDEX segment_leaving ON segment (purge_run, id) WHERE purge IN ('doomed', 'confirmed');
CREATE INDEX segment_gone ON segment (id) WHERE purge = 'gone';
CREATE INDEX segment_untold ON segment (id) WHERE purge = 'gone' AND gone_told = 0;

CREATE TABLE hold (
    hold TEXT PRIMARY KEY,           -- the ERP's UUID
    version INTEGER NOT NULL,
    from_us INTEGER NOT NULL,
    to_us INTEGER,                   -- NULL: without end
    receipt TEXT,                    -- what was found when it was stored, waiting to be told
    stored_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE hold_camera (
    camera_id INTEGER NOT NULL,
    hold TEXT NOT NULL REFERENCES hold (hold) ON DELETE CASCADE,
    PRIMARY KEY (camera_id, hold)
) STRICT, WITHOUT ROWID;

CREATE TABLE cutoff (
    camera_id INTEGER PRIMARY KEY,
    cutoff_us INTEGER NOT NULL,
    days INTEGER NOT NULL
) STRICT;
-- How far each camera's cutoff had come at its last purge, and lived time then.
CREATE TABLE advance (
    camera_id INTEGER PRIMARY KEY,
    cutoff_us INTEGER NOT NULL,
    lived_us INTEGER NOT NULL
) STRICT;

CREATE TABLE purge (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('parked', 'released', 'asked', 'confirmed', 'done', 'cancelled')),
    tag TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    shares TEXT NOT NULL,            -- JSON: per camera, segments, bytes, first and last
    rescued INTEGER NOT NULL DEFAULT 0,
    freed INTEGER NOT NULL DEFAULT 0,
    made_us INTEGER NOT NULL,
    ended_us INTEGER,
    told INTEGER NOT NULL DEFAULT 0  -- the ERP has answered to its end
) STRICT;
CREATE INDEX purge_open ON purge (id) WHERE told = 0;
