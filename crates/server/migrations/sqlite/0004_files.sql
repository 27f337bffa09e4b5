-- Uploaded files; the bytes are in the file store, under the key. A session is
-- forgotten before its files are, so nothing refers to it.
CREATE TABLE file (
    key             TEXT    NOT NULL PRIMARY KEY,
    origin          TEXT    NOT NULL,
    session_id      TEXT,
    agent_id        TEXT,
    name            TEXT    NOT NULL,
    content_type    TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    width           INTEGER,
    height          INTEGER,
    thumbnail_type  TEXT,
    created_at      INTEGER NOT NULL,
    event_thread_id TEXT,
    event_number    INTEGER,
    doomed          INTEGER NOT NULL CHECK (doomed IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX file_unsent ON file (created_at, key) WHERE event_number IS NULL;
CREATE INDEX file_unsent_of_session ON file (session_id) WHERE event_number IS NULL;

-- Whom a site vouches for.
ALTER TABLE customer ADD COLUMN identity_hash TEXT;
ALTER TABLE customer ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0
    CHECK (email_verified IN (0, 1));
CREATE UNIQUE INDEX customer_identity ON customer (identity_hash)
    WHERE identity_hash IS NOT NULL;

-- Devices of a customer beside the first, which customer.visitor_hash names.
CREATE TABLE visitor (
    hash        TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (id)
) STRICT, WITHOUT ROWID;
