-- Why a purge waits, as a code with its arguments (JSON): Odoo tells it in its reader's language.
ALTER TABLE purge ADD COLUMN said TEXT NOT NULL DEFAULT '{}';
