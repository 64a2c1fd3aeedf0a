-- What 'stats' counts, a narrow row a record: adding up a million of catalog_records would read gigabytes of JSON. Replaced by a rebuild.
CREATE TABLE catalog_figures (
    key          INTEGER PRIMARY KEY,
    record_class TEXT    NOT NULL,
    profile      TEXT    NOT NULL,
    filed_by     TEXT    NOT NULL,   -- account of the first version
    withdrawn    INTEGER NOT NULL,
    is_batch     INTEGER NOT NULL,   -- 1: a divided scan, whose pages are those of its documents
    versions     INTEGER NOT NULL,
    pages        INTEGER NOT NULL,   -- = with_text + pending_ocr + blank + wordless + failed
    with_text    INTEGER NOT NULL,
    by_ocr       INTEGER,            -- of with_text; null: written before this table, until a rebuild
    pending_ocr  INTEGER NOT NULL,
    blank        INTEGER NOT NULL,
    wordless     INTEGER NOT NULL,
    failed       INTEGER NOT NULL,
    ocr_0        INTEGER NOT NULL DEFAULT 0,   -- pages by OCR confidence in percent: from 0 to below 50, and so on
    ocr_50       INTEGER NOT NULL DEFAULT 0,
    ocr_60       INTEGER NOT NULL DEFAULT 0,
    ocr_70       INTEGER NOT NULL DEFAULT 0,
    ocr_80       INTEGER NOT NULL DEFAULT 0,
    ocr_90       INTEGER NOT NULL DEFAULT 0,
    ocr_95       INTEGER NOT NULL DEFAULT 0
);

INSERT INTO catalog_figures (key, record_class, profile, filed_by, withdrawn, is_batch, versions, pages, with_text, pending_ocr, blank, wordless, failed)
SELECT r.key, r.record_class, r.profile,
       coalesce((SELECT v.user_name FROM catalog_versions v WHERE v.key = r.key AND v.number = 1), ''),
       r.withdrawn, r.record -> '$.batch' IS NOT NULL, r.version,
       coalesce(r.record ->> '$.pages.total', 0), coalesce(r.record ->> '$.pages.withText', 0), coalesce(r.record ->> '$.pages.pendingOcr', 0),
       coalesce(r.record ->> '$.pages.blank', 0), coalesce(r.record ->> '$.pages.wordless', 0), coalesce(r.record ->> '$.pages.failed', 0)
FROM catalog_records r;

-- Every event in force, to be counted: event_dates has first and last alone. Filled as objects are written, or by a rebuild.
CREATE TABLE event_days (
    subject INTEGER NOT NULL REFERENCES event_subject (id) ON DELETE CASCADE,
    kind    TEXT    NOT NULL,
    day     INTEGER NOT NULL,   -- days since 0001-01-01
    PRIMARY KEY (subject, kind, day)
) WITHOUT ROWID;

-- Ended claims in the order in which they came, with all that is counted of them.
CREATE INDEX scan_ended ON scan (claimed_at, profile, outcome, part_seq, closed_at, page_count) WHERE outcome IS NOT NULL;

-- A rebuild that began before, running or cut short, lacks the new table: it ends as one that was taken over.
DELETE FROM catalog_rebuild;
DELETE FROM catalog_rebuild_removed;
