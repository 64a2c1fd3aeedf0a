-- What each recipient of alarms was told, and what is on its way to them (docs/adr/0030-alarms-that-are-sent.md).
CREATE TABLE alarm_told (
    recipient TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    since     INTEGER NOT NULL,   -- of the alarm that was told
    told      INTEGER NOT NULL,   -- last, ms since 1970
    PRIMARY KEY (recipient, kind, subject)
) WITHOUT ROWID;

CREATE TABLE alarm_message (
    id           TEXT    PRIMARY KEY,   -- the same each time it is sent
    recipient    TEXT    NOT NULL,
    is_critical  INTEGER NOT NULL,
    made         INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_attempt INTEGER NOT NULL,
    problem      TEXT,
    sent         INTEGER                -- null: not accepted yet
);
CREATE UNIQUE INDEX alarm_message_open ON alarm_message (recipient) WHERE sent IS NULL;   -- one on its way at a time
CREATE INDEX alarm_message_sent ON alarm_message (recipient, sent);

CREATE TABLE alarm_notice (
    seq        INTEGER PRIMARY KEY,
    message_id TEXT,                    -- null: waits for the next message
    recipient  TEXT    NOT NULL,
    event      TEXT    NOT NULL,        -- raised, reminder or resolved
    kind       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    since      INTEGER NOT NULL,
    resolved   INTEGER,
    count      INTEGER NOT NULL,
    text       TEXT    NOT NULL
);
CREATE UNIQUE INDEX alarm_notice_waiting ON alarm_notice (recipient, kind, subject) WHERE message_id IS NULL;   -- of what waits, the newest state
CREATE INDEX alarm_notice_of ON alarm_notice (message_id);
