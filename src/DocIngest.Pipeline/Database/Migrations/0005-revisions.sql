-- Revisions: new versions of records that no scan brings (read later, decided by a person), while they are being made. What a crash
-- leaves behind is told by its row.
CREATE TABLE revision (
    id        TEXT    NOT NULL PRIMARY KEY,   -- bare UUID; also the name of its staging entry
    record_id TEXT    NOT NULL UNIQUE,        -- one at a time for each record
    version   INTEGER,                        -- which version it is about to become; null until it is committed
    owner     TEXT    NOT NULL,               -- instance that works on it
    begun_at  INTEGER NOT NULL
) WITHOUT ROWID;

-- Giving a review item to a person is not what 'qc assign' does: it says whose the document is.
ALTER TABLE review DROP COLUMN assigned_to;
