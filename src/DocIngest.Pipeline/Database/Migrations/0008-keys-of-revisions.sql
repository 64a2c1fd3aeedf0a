-- The document key that a revision is about to give its record: scans of that key wait for its end, as for an older claim.
ALTER TABLE revision ADD COLUMN profile      TEXT;
ALTER TABLE revision ADD COLUMN document_key TEXT;   -- null where the record keeps the key it has
