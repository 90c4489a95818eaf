-- What a reading called damaged, or what went missing, was this before; NULL: neither.
ALTER TABLE segment ADD COLUMN was TEXT;
-- A scan asks for them each time that a folder has changed; there are few.
CREATE INDEX segment_missing ON segment (path, start_us) WHERE status = 'missing';
-- The refusal that an event told of already: the same one again is no news, until the row changes or is sent by a person.
ALTER TABLE outbox ADD COLUMN told TEXT NOT NULL DEFAULT '';
