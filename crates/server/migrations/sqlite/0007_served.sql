-- Of the messages of a session, those up to this position were served in batch
-- `batch` or before. Both are written a moment after they change.
ALTER TABLE session ADD COLUMN served INTEGER NOT NULL DEFAULT 0;
