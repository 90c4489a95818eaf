CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    camera_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    start_us INTEGER NOT NULL,
    stop_us INTEGER NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    sha256 BLOB CHECK (sha256 IS NULL OR length(sha256) = 32),
    run BLOB NOT NULL CHECK (length(run) = 16),
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('indexed', 'synced')),
    test INTEGER NOT NULL,
    file TEXT,               -- NULL: the name that path and start give
    first_seen_us INTEGER NOT NULL,
    UNIQUE (path, start_us)
) STRICT;

-- Kept in the transaction of each change, so that the quota costs no scan.
CREATE TABLE total (
    path TEXT PRIMARY KEY,
    segments INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
    id INTEGER PRIMARY KEY,
    camera_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    start_us INTEGER NOT NULL,
    stop_us INTEGER,
    reason TEXT NOT NULL,
    UNIQUE (camera_id, start_us)
) STRICT;
CREATE INDEX gap_open ON gap (path) WHERE stop_us IS NULL;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    camera_id INTEGER,
    detail TEXT NOT NULL
) STRICT;

CREATE TABLE job (
    id INTEGER PRIMARY KEY,  -- the ERP's id
    kind TEXT NOT NULL,
    camera_id INTEGER NOT NULL,
    params TEXT NOT NULL,    -- emptied when done: may hold a trial password
    state TEXT NOT NULL CHECK (state IN ('claimed', 'done', 'failed')),
    result TEXT NOT NULL DEFAULT '{}',
    error TEXT NOT NULL DEFAULT '',
    at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('segment', 'gap', 'event', 'job')),
    ref INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,  -- grows when the row changes while a batch is on its way
    tries INTEGER NOT NULL DEFAULT 0,
    parked_us INTEGER,
    code TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, ref)
) STRICT;
CREATE INDEX outbox_parked ON outbox (kind) WHERE parked_us IS NOT NULL;

CREATE TABLE config (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    etag TEXT NOT NULL,
    body TEXT NOT NULL,
    stored_us INTEGER NOT NULL
) STRICT;
