-- What the site keeps of visitors, as contacts and cases. A record is written once.
CREATE TABLE record (
    id          TEXT    NOT NULL PRIMARY KEY,
    entity_name TEXT    NOT NULL,
    fields_json TEXT    NOT NULL,
    links_json  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- By what records are found: the values of their fields, in lower case.
CREATE TABLE record_key (
    entity_name TEXT    NOT NULL,
    field_name  TEXT    NOT NULL,
    value_key   TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    record_id   TEXT    NOT NULL REFERENCES record (id),
    PRIMARY KEY (entity_name, field_name, value_key, created_at DESC, record_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX record_key_of_record ON record_key (record_id, field_name);

-- Which records agents see with a conversation. Visitors are told no other id than
-- attached_id.
CREATE TABLE attached_record (
    thread_id        TEXT    NOT NULL REFERENCES thread (id),
    place            INTEGER NOT NULL,
    attached_id      TEXT    NOT NULL UNIQUE,
    record_id        TEXT    NOT NULL REFERENCES record (id),
    origin           TEXT    NOT NULL CHECK (origin IN ('created', 'found', 'found_by_prefix')),
    show_first       INTEGER NOT NULL CHECK (show_first IN (0, 1)),
    transcript_field TEXT,
    is_told          INTEGER NOT NULL CHECK (is_told IN (0, 1)),
    PRIMARY KEY (thread_id, place)
) STRICT, WITHOUT ROWID;
