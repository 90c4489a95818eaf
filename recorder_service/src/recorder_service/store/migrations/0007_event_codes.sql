-- What an event says, for the ERP to tell it in its reader's language; args is a JSON object.
ALTER TABLE event ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN args TEXT NOT NULL DEFAULT '{}';
