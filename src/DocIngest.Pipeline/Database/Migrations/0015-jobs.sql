-- Which job of the configuration a run was one of, and what its program said last on standard error.
ALTER TABLE run ADD COLUMN schedule TEXT;   -- null: none
ALTER TABLE run ADD COLUMN message  TEXT;   -- null: nothing
CREATE INDEX run_of_schedule ON run (schedule, number);

-- Since when the service knows the jobs of its configuration by their times: what was planned before is not asked for.
CREATE TABLE job (
    name  TEXT    PRIMARY KEY,
    plan  TEXT    NOT NULL,   -- its times, as the configuration has them
    since INTEGER NOT NULL    -- ms since 1970
);
