-- Which job of the configuration a run was one of, and what its program said last on standard error.
ALTER TABLE run ADD COLUMN schedule TEXT;   -- null: none
ALTER TABLE run ADD COLUMN message  TEXT;   -- null: nothing
CREATE INDEX run_of_schedule ON run (schedule, number);

-- Since when the service knows the jobs of its configuration: one that never ran is overdue from here on.
CREATE TABLE job (
    name  TEXT    PRIMARY KEY,
    since INTEGER NOT NULL   -- ms since 1970
);
