-- When a person's sign-in was last used, to some minutes.
ALTER TABLE token ADD COLUMN last_used_at INTEGER;
