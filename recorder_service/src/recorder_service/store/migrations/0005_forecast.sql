-- What the node records in an hour of the day: only minutes in which every camera that should record did. An hour is
-- counted since 1970 UTC.
CREATE TABLE recorded_hour (
    hour INTEGER PRIMARY KEY,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    seconds INTEGER NOT NULL CHECK (seconds > 0)
) STRICT;
