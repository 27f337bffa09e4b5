-- Webhooks that are to be sent, and those that were delivered or given up lately. The order of
-- those of a chat is that of their positions.
CREATE TABLE webhook_delivery (
    position        INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE,
    -- The name in the settings file.
    hook            TEXT    NOT NULL,
    event           TEXT    NOT NULL,
    -- Empty for what is about no chat.
    chat_id         TEXT    NOT NULL,
    thread_id       TEXT,
    -- The bytes that are sent. Empty once they were delivered.
    body            TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    -- It is given up when an attempt fails after this.
    expires_at      INTEGER NOT NULL,
    -- NULL once it was delivered or given up.
    next_attempt_at INTEGER,
    attempts        INTEGER NOT NULL,
    delivered_at    INTEGER,
    given_up_at     INTEGER,
    last_problem    TEXT
) STRICT;

CREATE INDEX webhook_delivery_due ON webhook_delivery (hook, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_delivery_order ON webhook_delivery (hook, chat_id, position)
    WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_delivery_done ON webhook_delivery (hook, position, given_up_at)
    WHERE next_attempt_at IS NULL;
CREATE INDEX webhook_delivery_by_expiry ON webhook_delivery (expires_at);
-- By these the words of a conversation are found when they are to be erased.
CREATE INDEX webhook_delivery_by_thread ON webhook_delivery (thread_id);
CREATE INDEX webhook_delivery_by_chat ON webhook_delivery (chat_id);

-- The whole numbers by which webhooks name people and companies. A number is given once and
-- never again, also when its row is deleted.
CREATE TABLE entity_number (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind   TEXT NOT NULL,
    entity TEXT NOT NULL,
    UNIQUE (kind, entity)
) STRICT;
