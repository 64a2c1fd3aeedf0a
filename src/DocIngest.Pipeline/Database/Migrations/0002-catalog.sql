-- The catalog: what find, show and history answer from. Everything here can be rebuilt from the archive.
-- docs/formats/catalog.md describes it; ADR 0004 gives the reasons. Every table that a rebuild replaces is listed in CatalogTables.

-- key: RecordId.OrderKey, or the next free number above it where two ids share one; newest first is key DESC.
CREATE TABLE catalog_records (
    key          INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    record_class TEXT    NOT NULL,
    profile      TEXT    NOT NULL,
    document_key TEXT,
    received_at  TEXT    NOT NULL,
    text_status  TEXT    NOT NULL,
    sha512       BLOB    NOT NULL,
    record       TEXT    NOT NULL
);

-- Each index ends in the key by itself, so that each lists newest first.
CREATE INDEX catalog_records_class ON catalog_records (record_class);
CREATE INDEX catalog_records_unread ON catalog_records (text_status) WHERE text_status NOT IN ('complete', 'none');
CREATE INDEX catalog_records_document ON catalog_records (profile, document_key) WHERE document_key IS NOT NULL;
-- Eight bytes tell digests apart well enough to look; the row holds the rest.
CREATE INDEX catalog_records_digest ON catalog_records (substr(sha512, 1, 8));

CREATE TABLE catalog_versions (
    key          INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    created      TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    user_name    TEXT    NOT NULL,
    user_address TEXT,
    sha512       BLOB    NOT NULL,
    PRIMARY KEY (key, number)
) WITHOUT ROWID;

CREATE TABLE catalog_fields (
    name  TEXT    NOT NULL,
    value TEXT    NOT NULL,
    key   INTEGER NOT NULL,
    PRIMARY KEY (name, value, key)
) WITHOUT ROWID;

-- tags holds one private-use term for each class, field, flag and text status, so that filters are part of the same
-- intersection as words. It keeps its own content: a row and its terms cannot disagree, and delete needs no old values.
CREATE VIRTUAL TABLE catalog_fts USING fts5(
    body, fields, name, title, tags,
    tokenize = "unicode61 remove_diacritics 2"
);

-- secure-delete takes a removed record's terms out of the index at once, not at some later merge.
INSERT INTO catalog_fts (catalog_fts, rank) VALUES ('secure-delete', 1);
-- A crisis merge rewrites a whole level inside somebody's commit. Automerge keeps levels near 4 segments and CatalogMaintenance
-- does the rest when idle, so that this many are never reached.
INSERT INTO catalog_fts (catalog_fts, rank) VALUES ('crisismerge', 512);

-- A row here says that a rebuild is filling shadow tables: writers then write to both.
CREATE TABLE catalog_rebuild (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    token   TEXT    NOT NULL
);

-- Records removed while a rebuild runs, so that its older view of the archive does not bring them back.
CREATE TABLE catalog_rebuild_removed (
    id TEXT PRIMARY KEY
) WITHOUT ROWID;
