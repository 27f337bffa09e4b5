-- Callbacks are messages that say how and when the visitor wants to be called back.
ALTER TABLE offline_message ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offline_message ADD COLUMN callback_json TEXT;
ALTER TABLE offline_message ADD COLUMN outcome TEXT
    CHECK (outcome IN ('done', 'missed'));

UPDATE offline_message SET due_at = created_at;

DROP INDEX offline_message_open;
CREATE INDEX offline_message_open
    ON offline_message (callback_json IS NOT NULL, due_at, thread_id)
    WHERE is_open = 1;
