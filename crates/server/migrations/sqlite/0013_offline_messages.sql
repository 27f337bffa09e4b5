-- Messages that visitors have left while nobody was there. The words are in the
-- thread's events.
CREATE TABLE offline_message (
    thread_id  TEXT    NOT NULL PRIMARY KEY REFERENCES thread (id),
    chat_id    TEXT    NOT NULL,
    custom_id  TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    is_open    INTEGER NOT NULL CHECK (is_open IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX offline_message_open ON offline_message (created_at, thread_id)
    WHERE is_open = 1;
