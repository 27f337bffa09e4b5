-- The archive: what conversations that are over are found by, and counted by. All of it
-- follows from the other tables. Conversations that ended before are added by the program.
CREATE TABLE archived_thread (
    -- The order in the archive. It is never given twice.
    number            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    thread_id         TEXT    NOT NULL UNIQUE REFERENCES thread (id),
    -- When the row was last written: greater than that of any other row then.
    changed_at        INTEGER NOT NULL UNIQUE,
    kind              TEXT    NOT NULL CHECK (kind IN ('chat', 'offline_message')),
    group_id          INTEGER NOT NULL,
    deployment_id     TEXT,
    created_at        INTEGER NOT NULL,
    ended_at          INTEGER NOT NULL,
    rating            TEXT CHECK (rating IN ('good', 'bad')),
    is_missed         INTEGER NOT NULL CHECK (is_missed IN (0, 1)),
    is_unread         INTEGER NOT NULL CHECK (is_unread IN (0, 1)),
    agent_ids_json    TEXT    NOT NULL,
    visitor_messages  INTEGER NOT NULL,
    agent_messages    INTEGER NOT NULL,
    responses         INTEGER NOT NULL,
    first_response_ms INTEGER,
    total_response_ms INTEGER NOT NULL,
    max_response_ms   INTEGER NOT NULL
) STRICT;

CREATE INDEX archived_thread_by_time ON archived_thread (created_at);
CREATE INDEX archived_thread_by_end ON archived_thread (ended_at);

-- Who has written in a conversation or accepted it.
CREATE TABLE archived_agent (
    agent_id TEXT    NOT NULL,
    number   INTEGER NOT NULL REFERENCES archived_thread (number),
    PRIMARY KEY (agent_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX archived_agent_of_thread ON archived_agent (number);

-- The words of a conversation, folded by the program (src/search/fold.rs). Any three letters
-- in a row are found.
CREATE VIRTUAL TABLE archive_text USING fts5 (
    agent_names, visitor_name, visitor_email, department_name, tags, words, private_words,
    tokenize = 'trigram case_sensitive 1'
);

-- What is deleted is removed from the index at once, and not when parts of it are merged.
INSERT INTO archive_text (archive_text, rank) VALUES ('secure-delete', 1);

-- What is known of a visitor beside their name and address. Agents' own notes.
ALTER TABLE customer ADD COLUMN phone TEXT;
ALTER TABLE customer ADD COLUMN notes TEXT;

-- What the token of a back-office program allows, and whether its program may read what
-- only agents see.
ALTER TABLE token ADD COLUMN role TEXT;
ALTER TABLE token ADD COLUMN reads_private INTEGER NOT NULL DEFAULT 0
    CHECK (reads_private IN (0, 1));

UPDATE token SET role = 'administrator' WHERE kind = 'api';
