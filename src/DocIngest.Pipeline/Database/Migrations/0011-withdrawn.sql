-- Withdrawn records are few: find passes over them, and lists them alone when asked.
ALTER TABLE catalog_records ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX catalog_records_withdrawn ON catalog_records (key) WHERE withdrawn;
