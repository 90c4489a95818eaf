-- What a reading called damaged was this before; NULL: its newest reading gave what was stored, or it had none.
ALTER TABLE segment ADD COLUMN was TEXT;
-- What is read again and again, so that counting it touches no row. The condition stands as the queries have it.
CREATE INDEX segment_stored ON segment (id) WHERE purge = 'live' AND status IN ('ok', 'recovered', 'damaged');
-- The refusal that an event told of already: the same one again is no news, until the row changes or is sent by a person.
ALTER TABLE outbox ADD COLUMN told TEXT NOT NULL DEFAULT '';
