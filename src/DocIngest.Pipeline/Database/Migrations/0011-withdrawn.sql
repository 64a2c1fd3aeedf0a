-- Withdrawn records are few: find passes over them, and lists them alone when asked.
ALTER TABLE catalog_records ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX catalog_records_withdrawn ON catalog_records (key) WHERE withdrawn;

-- A rebuild that began before, running or cut short, has tables of the former shape: it ends as one that was taken over.
DELETE FROM catalog_rebuild;
DELETE FROM catalog_rebuild_removed;
