-- Goals of the site that visitors have reached, attributed to their chats.
CREATE TABLE conversion (
    number     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    thread_id  TEXT    NOT NULL REFERENCES thread (id),
    -- A number of entity_number.
    goal_id    INTEGER NOT NULL,
    goal_name  TEXT    NOT NULL,
    agent_id   TEXT,
    group_id   INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX conversion_of_thread ON conversion (thread_id, number);
