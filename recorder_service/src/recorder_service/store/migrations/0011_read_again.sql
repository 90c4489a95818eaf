-- What a reading called damaged was this before; NULL: its newest reading gave what was stored, or it had none.
ALTER TABLE segment ADD COLUMN was TEXT;
