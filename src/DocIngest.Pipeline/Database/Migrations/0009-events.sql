-- Dates of the events of patients and cases, that retention goes by. The archive's objects are the truth (docs/formats/retention.md);
-- 'catalog rebuild' fills these tables from them.
CREATE TABLE event_subject (
    id         INTEGER PRIMARY KEY,
    object     TEXT    NOT NULL UNIQUE,      -- name of the system object
    kind       TEXT    NOT NULL,             -- patient or case
    number     TEXT    NOT NULL,             -- as numbers are compared: letters and digits, in capitals
    version    INTEGER NOT NULL,             -- of the object that the dates are from; 0 before the first
    is_writing INTEGER NOT NULL DEFAULT 0,   -- 1: the object may be newer; whoever needs the dates reads the object itself
    is_stale   INTEGER NOT NULL DEFAULT 0    -- 1: a rebuild runs and has not met the object yet
);

CREATE INDEX event_subject_number ON event_subject (number, kind);
CREATE INDEX event_subject_writing ON event_subject (is_writing) WHERE is_writing = 1;

-- The first and the last event of each kind that are in force, as days since 0001-01-01, with the entries that say so.
CREATE TABLE event_dates (
    subject     INTEGER NOT NULL REFERENCES event_subject (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    first_entry INTEGER NOT NULL,
    last_entry  INTEGER NOT NULL,
    PRIMARY KEY (subject, kind)
) WITHOUT ROWID;
