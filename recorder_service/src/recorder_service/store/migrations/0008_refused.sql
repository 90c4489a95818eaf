-- What of holds and deletion the ERP refused: it waits, with the reason, until a person sends it again. Its ids are of
-- one row of numbers with those of the outbox, for a person names both alike.
CREATE TABLE refused (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'deletion', 'purge')),
    ref TEXT NOT NULL,           -- the hold's UUID, the segment's id, the purge's run
    name TEXT NOT NULL,          -- what people are shown
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    parked_us INTEGER NOT NULL,
    UNIQUE (kind, ref)
) STRICT;
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'outbox', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox');
