-- Runs of jobs, as the audit chain has them: taken over from there, where rows are missing.
CREATE TABLE run (
    number     INTEGER PRIMARY KEY,   -- from 1, without gaps
    job        TEXT    NOT NULL,
    trigger    TEXT    NOT NULL,      -- 'command' or 'schedule'
    account    TEXT    NOT NULL,
    started    INTEGER NOT NULL,      -- ms since 1970
    audit_seq  INTEGER NOT NULL,      -- of the entry with which it began
    audit_hash TEXT    NOT NULL,
    ended      INTEGER,               -- null: it is at work, or its process died
    result     TEXT,
    report     TEXT                   -- bare UUID; null where it made none
);
CREATE INDEX run_of_job ON run (job, number);
CREATE INDEX run_open ON run (number) WHERE ended IS NULL;
