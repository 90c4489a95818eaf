-- Why a purge waits, as a code with its arguments (JSON): Odoo tells it in its reader's language.
ALTER TABLE purge ADD COLUMN said TEXT NOT NULL DEFAULT '{}';

-- Confirmed segments that the disk would not let go, with its words: not chosen again until the next start or day.
CREATE TABLE stuck (
    segment INTEGER PRIMARY KEY REFERENCES segment (id) ON DELETE CASCADE,
    words TEXT NOT NULL
) STRICT;
