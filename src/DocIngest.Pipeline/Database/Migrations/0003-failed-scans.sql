-- Failed scans are few and looked for often: what needs a person must not read a million rows.
CREATE INDEX scan_failed ON scan (profile) WHERE outcome = 'failed';
