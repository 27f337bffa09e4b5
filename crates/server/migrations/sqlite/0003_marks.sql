-- What changes about events, threads and chats after they were written. An
-- event's row is never changed: what is noted on it stands here.

-- Who has a button of a rich message pressed.
CREATE TABLE toggle (
    thread_id   TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    postback_id TEXT    NOT NULL,
    user_id     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (thread_id, number, postback_id, user_id),
    FOREIGN KEY (thread_id, number) REFERENCES event (thread_id, number)
) STRICT, WITHOUT ROWID;

-- All properties of an event, in place of those it was written with.
CREATE TABLE event_properties (
    thread_id       TEXT    NOT NULL,
    number          INTEGER NOT NULL,
    properties_json TEXT    NOT NULL,
    PRIMARY KEY (thread_id, number),
    FOREIGN KEY (thread_id, number) REFERENCES event (thread_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE follower (
    chat_id  TEXT NOT NULL REFERENCES chat (id),
    agent_id TEXT NOT NULL REFERENCES agent (id),
    PRIMARY KEY (chat_id, agent_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE thread ADD COLUMN properties_json TEXT NOT NULL DEFAULT '{}';
ALTER TABLE thread ADD COLUMN tags_json TEXT NOT NULL DEFAULT '[]';
-- How far the visitor was told that agents have seen.
ALTER TABLE thread ADD COLUMN told_seen_up_to INTEGER;
