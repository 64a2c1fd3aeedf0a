-- Acts that stand in the ledger and are to be recorded in the audit chain; written in the transaction of the act itself.
CREATE TABLE audit_outbox (
    number INTEGER PRIMARY KEY,   -- microseconds since 1970, or one more than the last; the chain says up to which it has them
    event  TEXT NOT NULL          -- as docs/formats/audit.md has it, without its place in the chain
);
