-- Parts: the documents of a scan that was divided at its separator sheets. Each is a claim of its own, whose bytes are pages of the
-- archived batch record instead of a file.
ALTER TABLE scan ADD COLUMN part_of      TEXT;      -- bare UUID of the batch record
ALTER TABLE scan ADD COLUMN part_version INTEGER;   -- its version
ALTER TABLE scan ADD COLUMN part_pages   TEXT;      -- as 3-5,7
ALTER TABLE scan ADD COLUMN part_seq     INTEGER;   -- seq of the whole scan: a part's place in claim order is before all that came after the whole
CREATE INDEX scan_part ON scan (part_of) WHERE part_of IS NOT NULL AND outcome IS NULL;
