-- When each object of the archive was read whole last, and how that went. Lost, everything counts as never read, which is the safe side.
CREATE TABLE object_verification (
    object   TEXT    PRIMARY KEY,   -- id of the object
    verified INTEGER NOT NULL,      -- ms since 1970; 0: it is known, and was never read
    head     INTEGER NOT NULL,      -- its highest version then
    is_sound INTEGER NOT NULL
) WITHOUT ROWID;

-- When the whole archive was walked through last, to see which objects there are: one row.
CREATE TABLE archive_walk (at INTEGER NOT NULL);
