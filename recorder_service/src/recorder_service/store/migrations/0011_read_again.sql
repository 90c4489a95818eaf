-- What a reading called damaged was this before; NULL: its newest reading gave what was stored, or it had none.
ALTER TABLE segment ADD COLUMN was TEXT;
-- The refusal that an event told of already: the same one again is no news, until the row changes or is sent by a person.
ALTER TABLE outbox ADD COLUMN told TEXT NOT NULL DEFAULT '';
