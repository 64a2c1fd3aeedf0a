-- The ledger: one row per claim, from "a file has settled" to its outcome. Untouched by a catalog rebuild.
-- Instants are milliseconds since 1970-01-01 UTC. Source names are bytes (BLOB): on Linux they need not be text.
CREATE TABLE scan (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,  -- claim order; versions of one document follow it
    id              TEXT    NOT NULL UNIQUE,            -- bare UUID; also the id of the record, if this claim makes one
    order_key       INTEGER NOT NULL UNIQUE,            -- RecordId.OrderKey
    profile         TEXT    NOT NULL,
    source          BLOB    NOT NULL,                   -- absolute path
    file_name       TEXT    NOT NULL,                   -- last element, fit for reading
    subfolder       TEXT    NOT NULL DEFAULT '',
    file_id         TEXT    NOT NULL,                   -- FileStamp at claim
    size_bytes      INTEGER NOT NULL,
    write_time_ns   INTEGER NOT NULL,
    claimed_at      INTEGER NOT NULL,
    owner           TEXT    NOT NULL,                   -- instance that works on it
    state           TEXT    NOT NULL DEFAULT 'claimed' CHECK (state IN ('claimed', 'copied', 'filing', 'closed')),
    document_key    TEXT,
    sidecar         TEXT,                               -- the sidecar's JSON as claimed
    sha512          TEXT,
    identity        TEXT,                               -- digest of profile, key, sidecar fields and bytes: what makes a duplicate
    late_of         TEXT,                               -- earlier scan of the same file that grew after its claim
    attempt_count   INTEGER NOT NULL DEFAULT 0,
    outcome         TEXT CHECK (outcome IN ('filed', 'versioned', 'duplicate', 'quarantined', 'failed', 'released')),
    record_id       TEXT,
    version         INTEGER,
    page_count      INTEGER,
    text_status     TEXT,
    reason          TEXT,
    closed_at       INTEGER,
    remove_source   INTEGER NOT NULL,                   -- 0: the source is never ours to remove
    source_state    TEXT    NOT NULL DEFAULT 'present' CHECK (source_state IN ('present', 'kept', 'stuck', 'removed', 'gone')),
    keep_until      INTEGER,
    CHECK ((state = 'closed') = (outcome IS NOT NULL))
);
CREATE UNIQUE INDEX scan_open_source ON scan (source) WHERE outcome IS NULL;
CREATE INDEX scan_open ON scan (owner) WHERE outcome IS NULL;
CREATE INDEX scan_open_key ON scan (profile, document_key) WHERE outcome IS NULL AND document_key IS NOT NULL;
CREATE INDEX scan_open_identity ON scan (identity) WHERE outcome IS NULL AND identity IS NOT NULL;
CREATE INDEX scan_source_present ON scan (seq) WHERE outcome IS NOT NULL AND remove_source = 1 AND source_state = 'present';
CREATE INDEX scan_source_left ON scan (profile) WHERE outcome IS NOT NULL AND remove_source = 1 AND source_state IN ('present', 'kept', 'stuck');
CREATE INDEX scan_file ON scan (file_id, size_bytes, write_time_ns);
CREATE INDEX scan_record ON scan (record_id) WHERE record_id IS NOT NULL;

-- Counts by profile and outcome, kept by triggers: status must not read a million rows.
CREATE TABLE scan_count (
    profile TEXT NOT NULL,
    outcome TEXT NOT NULL,   -- 'pending' while open
    count   INTEGER NOT NULL,
    PRIMARY KEY (profile, outcome)
) WITHOUT ROWID;
CREATE TRIGGER scan_count_insert AFTER INSERT ON scan BEGIN
    INSERT INTO scan_count VALUES (new.profile, coalesce(new.outcome, 'pending'), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER scan_count_update AFTER UPDATE OF outcome ON scan WHEN old.outcome IS NOT new.outcome BEGIN
    UPDATE scan_count SET count = count - 1 WHERE profile = old.profile AND outcome = coalesce(old.outcome, 'pending');
    INSERT INTO scan_count VALUES (new.profile, coalesce(new.outcome, 'pending'), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;

-- One row for every outcome a person was told of; the daily receipt files are made from it alone.
CREATE TABLE receipt (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    receipt_id TEXT    NOT NULL UNIQUE,
    scan_id    TEXT    NOT NULL REFERENCES scan (id),
    issued_at  INTEGER NOT NULL,
    outcome    TEXT    NOT NULL,
    record_id  TEXT,
    version    INTEGER,
    reason     TEXT
);
CREATE INDEX receipt_scan ON receipt (scan_id);
CREATE INDEX receipt_issued ON receipt (issued_at);

-- What the newest version of each record holds: duplicates and existing keys are looked up here. Refilled by a rebuild.
CREATE TABLE head (
    record_id    TEXT NOT NULL PRIMARY KEY,
    version      INTEGER NOT NULL,
    profile      TEXT NOT NULL,
    document_key TEXT,
    sha512       TEXT NOT NULL,
    identity     TEXT NOT NULL   -- seldom of two records: late bytes may make one equal to another
) WITHOUT ROWID;
CREATE INDEX head_identity ON head (identity);
CREATE INDEX head_key ON head (profile, document_key) WHERE document_key IS NOT NULL;
CREATE INDEX head_sha512 ON head (sha512);

-- Files that are no document, waiting for a person. The bytes are in quarantine/<scan id>/.
CREATE TABLE quarantine (
    scan_id    TEXT NOT NULL PRIMARY KEY REFERENCES scan (id),
    code       TEXT NOT NULL,
    since      INTEGER NOT NULL,
    decision   TEXT CHECK (decision IN ('retried', 'accepted', 'discarded')),
    decided_by TEXT,
    decided_at INTEGER,
    reason     TEXT
) WITHOUT ROWID;

-- Records a person should look at, and who did. Items come from a version's text status and flags.
CREATE TABLE review (
    record_id    TEXT NOT NULL,
    code         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    since        INTEGER NOT NULL,
    assigned_to  TEXT,
    confirmed_by TEXT,
    confirmed_at INTEGER,
    PRIMARY KEY (record_id, code)
) WITHOUT ROWID;
CREATE INDEX review_waiting ON review (since) WHERE confirmed_at IS NULL;

-- What needs an admin: one row per cause and subject, however often it is met.
CREATE TABLE alarm (
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    since    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    count    INTEGER NOT NULL DEFAULT 1,
    message  TEXT NOT NULL,
    resolved INTEGER,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
