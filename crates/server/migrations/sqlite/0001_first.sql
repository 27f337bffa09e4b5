-- Times are microseconds since 1970 (UTC), flags are 0 or 1, columns that end
-- in _json hold JSON. A column never changes its meaning: a new meaning is a
-- new column. Rows are read and written by src/store/sqlite.

CREATE TABLE organization (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    switch_url TEXT
) STRICT;

-- One database holds one organisation.
CREATE UNIQUE INDEX organization_single ON organization ((1));

CREATE TABLE deployment (
    id                   TEXT NOT NULL PRIMARY KEY,
    name                 TEXT NOT NULL,
    allowed_origins_json TEXT NOT NULL,
    settings_json        TEXT NOT NULL
) STRICT;

CREATE TABLE button (
    id             TEXT    NOT NULL PRIMARY KEY,
    deployment_id  TEXT    NOT NULL REFERENCES deployment (id),
    name           TEXT    NOT NULL,
    group_id       INTEGER NOT NULL,
    language       TEXT    NOT NULL,
    average_wait_s REAL
) STRICT;

CREATE TABLE agent (
    id             TEXT    NOT NULL PRIMARY KEY,
    email          TEXT    NOT NULL,
    -- The e-mail in lower case, by Unicode's rules: SQLite knows ASCII's only.
    email_key      TEXT    NOT NULL UNIQUE,
    name           TEXT    NOT NULL,
    password_hash  TEXT,
    avatar         TEXT,
    routing_status TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    removed_at     INTEGER
) STRICT;

CREATE TABLE token (
    hash       TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    agent_id   TEXT REFERENCES agent (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

CREATE INDEX token_of_agent ON token (agent_id);

CREATE TABLE customer (
    id           TEXT    NOT NULL PRIMARY KEY,
    visitor_hash TEXT UNIQUE,
    name         TEXT,
    email        TEXT,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE chat (
    id              TEXT    NOT NULL PRIMARY KEY,
    customer_id     TEXT    NOT NULL UNIQUE REFERENCES customer (id),
    created_at      INTEGER NOT NULL,
    last_thread_at  INTEGER NOT NULL,
    active          INTEGER NOT NULL CHECK (active IN (0, 1)),
    properties_json TEXT    NOT NULL
) STRICT;

CREATE INDEX chat_by_thread_time ON chat (last_thread_at, id);
CREATE INDEX chat_by_activity ON chat (active, last_thread_at, id);

CREATE TABLE thread (
    id              TEXT    NOT NULL PRIMARY KEY,
    chat_id         TEXT    NOT NULL REFERENCES chat (id),
    status          TEXT    NOT NULL,
    -- The site may be set up anew; what was asked for then stays as it was.
    deployment_id   TEXT,
    button_id       TEXT,
    target_agent_id TEXT,
    agent_id        TEXT,
    created_at      INTEGER NOT NULL,
    queued_at       INTEGER,
    accepted_at     INTEGER,
    ended_at        INTEGER,
    end_reason      TEXT,
    last_event      INTEGER NOT NULL,
    user_ids_json   TEXT    NOT NULL,
    seen_up_to_json TEXT    NOT NULL,
    details_json    TEXT    NOT NULL
) STRICT;

CREATE INDEX thread_of_chat ON thread (chat_id, created_at, id);
CREATE INDEX thread_by_time ON thread (created_at, id);
CREATE INDEX thread_open ON thread (queued_at, id) WHERE status <> 'ended';

CREATE TABLE event (
    thread_id  TEXT    NOT NULL REFERENCES thread (id),
    number     INTEGER NOT NULL,
    chat_id    TEXT    NOT NULL REFERENCES chat (id),
    author_id  TEXT,
    custom_id  TEXT,
    kind       TEXT    NOT NULL,
    visibility TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    body_json  TEXT    NOT NULL,
    PRIMARY KEY (thread_id, number)
) STRICT;

CREATE UNIQUE INDEX event_custom_id ON event (chat_id, author_id, custom_id)
    WHERE custom_id IS NOT NULL;
CREATE INDEX event_by_kind ON event (thread_id, kind, number);

CREATE TABLE session (
    id                       TEXT    NOT NULL PRIMARY KEY,
    key_hash                 TEXT    NOT NULL UNIQUE,
    affinity                 TEXT    NOT NULL,
    thread_id                TEXT REFERENCES thread (id),
    created_at               INTEGER NOT NULL,
    last_heard_at            INTEGER NOT NULL,
    closed_at                INTEGER,
    post_number              INTEGER NOT NULL,
    post_number_may_restart  INTEGER NOT NULL CHECK (post_number_may_restart IN (0, 1)),
    position                 INTEGER NOT NULL,
    batch                    INTEGER NOT NULL,
    acknowledged             INTEGER NOT NULL,
    counts_ack               INTEGER NOT NULL CHECK (counts_ack IN (0, 1)),
    receives_queue_updates   INTEGER NOT NULL CHECK (receives_queue_updates IN (0, 1)),
    queue_position           INTEGER NOT NULL,
    origin                   TEXT
) STRICT;

CREATE INDEX session_of_thread ON session (thread_id, created_at, id) WHERE closed_at IS NULL;
CREATE INDEX session_open ON session (last_heard_at, id) WHERE closed_at IS NULL;
CREATE INDEX session_closed ON session (last_heard_at) WHERE closed_at IS NOT NULL;

CREATE TABLE mail (
    session_id   TEXT    NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    batch        INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    message_json TEXT    NOT NULL,
    PRIMARY KEY (session_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE post (
    session_id      TEXT    NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    digest          TEXT    NOT NULL,
    event_thread_id TEXT,
    event_number    INTEGER,
    PRIMARY KEY (session_id, number)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a position is never given twice, also after its row is gone.
CREATE TABLE feed (
    position     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    action       TEXT    NOT NULL,
    payload_json TEXT    NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX feed_by_time ON feed (created_at);
