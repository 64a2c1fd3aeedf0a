-- Successors: records that take the place of one that stood under a wrong patient, or held several documents, while they are being made.
ALTER TABLE revision ADD COLUMN plan TEXT;   -- what is to be made, as JSON; null where the record merely gets another version
CREATE TABLE successor (
    id           TEXT NOT NULL PRIMARY KEY,   -- bare UUID of the new record; also the name of its staging entry
    revision_id  TEXT NOT NULL,
    profile      TEXT NOT NULL,
    document_key TEXT,                        -- scans of this key, and of this identity, wait for the end of the revision
    identity     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX successor_revision ON successor (revision_id);
