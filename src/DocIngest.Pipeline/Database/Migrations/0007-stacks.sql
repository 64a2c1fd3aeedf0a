-- Stacks of documents whose fronts and backs were scanned one after the other: which wait for the other side, and what a further
-- scan of the same stack is compared with. Follows from record.json of each record's head.
CREATE TABLE stack (
    record_id TEXT    NOT NULL,   -- bare UUID
    side      TEXT    NOT NULL,   -- fronts or backs
    scan_id   TEXT    NOT NULL,   -- bare UUID of the claim that brought it
    profile   TEXT    NOT NULL,
    pair      TEXT    NOT NULL,   -- what its name shares with that of the other side
    identity  TEXT    NOT NULL,   -- of this stack alone
    state     TEXT    NOT NULL,   -- whole, awaited, doubtful or refused; decided where a person has looked at a lone one
    PRIMARY KEY (record_id, side)
) WITHOUT ROWID;
CREATE INDEX stack_identity ON stack (identity);
CREATE INDEX stack_lone ON stack (profile, pair) WHERE state IN ('awaited', 'doubtful');
