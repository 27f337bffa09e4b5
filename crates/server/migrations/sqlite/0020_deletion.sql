-- Conversations and customers can be deleted. Each table that names them is found by an
-- index: also those that SQLite itself looks into, because they refer to the deleted row.

-- The index had only rows with a custom_id, as most events have. With all of them it finds
-- the events of a chat too.
DROP INDEX event_custom_id;
CREATE UNIQUE INDEX event_custom_id ON event (chat_id, author_id, custom_id);

CREATE INDEX session_by_thread ON session (thread_id) WHERE thread_id IS NOT NULL;
-- Conversations by age, of one deployment.
CREATE INDEX thread_ended ON thread (deployment_id, ended_at, id) WHERE ended_at IS NOT NULL;

CREATE INDEX visitor_of_customer ON visitor (customer_id);
CREATE INDEX attached_record_of_record ON attached_record (record_id);
CREATE INDEX file_of_thread ON file (event_thread_id) WHERE event_thread_id IS NOT NULL;

-- Files whose bytes are to be deleted.
CREATE INDEX file_doomed ON file (key) WHERE doomed = 1;

-- Conversations in which an agent's file was sent again, after its first.
CREATE TABLE file_sent_again (
    key       TEXT    NOT NULL REFERENCES file (key) ON DELETE CASCADE,
    thread_id TEXT    NOT NULL,
    number    INTEGER NOT NULL,
    PRIMARY KEY (key, thread_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX file_sent_again_in_thread ON file_sent_again (thread_id);

-- Rows that are damaged are left out.
INSERT INTO file_sent_again (key, thread_id, number)
    SELECT file.key, sent.thread_id, MIN(sent.number)
    FROM (SELECT thread_id, number, iif(json_valid(body_json), body_json ->> '$.url', '') AS url
          FROM event WHERE kind = 'file') AS sent
    JOIN file ON file.key =
        substr(sent.url, instr(sent.url, '/chat/files/') + length('/chat/files/'), 43)
    WHERE instr(sent.url, '/chat/files/') > 0 AND file.event_thread_id <> sent.thread_id
    GROUP BY file.key, sent.thread_id;

-- Of which chat a push tells. The index finds the pushes of a chat without a look at the rows,
-- and grows only at its end.
ALTER TABLE feed ADD COLUMN chat_id TEXT;

UPDATE feed SET chat_id = COALESCE(
    payload_json ->> '$.chat_id', payload_json ->> '$.chat.id',
    payload_json ->> '$.active_chat.chat_id', payload_json ->> '$.message.chat_id',
    CASE action WHEN 'chat_access_updated' THEN payload_json ->> '$.id' END)
    WHERE json_valid(payload_json);

DROP INDEX feed_by_time;
CREATE INDEX feed_by_time ON feed (created_at, chat_id);

-- Customers of whom everything was erased, or is to be. Nothing in it says who they were.
CREATE TABLE erasure (
    customer_id   TEXT    NOT NULL PRIMARY KEY,
    requested_at  INTEGER NOT NULL,
    -- Who asked for it; NULL for the command line.
    agent_id      TEXT,
    -- NULL until nothing is left.
    erased_at     INTEGER,
    conversations INTEGER NOT NULL,
    files         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX erasure_pending ON erasure (requested_at) WHERE erased_at IS NULL;
