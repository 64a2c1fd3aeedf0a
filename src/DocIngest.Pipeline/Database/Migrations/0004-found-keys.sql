-- Document keys that rules find: known only once a scan has been read. Until then it is open which key it has, and a younger scan
-- that would become a version waits. found_key wins over document_key, the key that was known when the scan was claimed.
ALTER TABLE scan ADD COLUMN found_key   TEXT;
ALTER TABLE scan ADD COLUMN key_settled INTEGER NOT NULL DEFAULT 0;
DROP INDEX scan_open_key;
CREATE INDEX scan_open_key ON scan (profile, coalesce(found_key, document_key)) WHERE outcome IS NULL;
