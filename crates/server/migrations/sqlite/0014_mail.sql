-- E-mails that are to be sent, and those that were sent or given up lately, which
-- are counted. The table `mail` has had another meaning from the beginning: polls'
-- messages.
CREATE TABLE outgoing_mail (
    id              TEXT    NOT NULL PRIMARY KEY,
    kind            TEXT    NOT NULL,
    thread_id       TEXT    NOT NULL,
    recipient_hash  TEXT    NOT NULL,
    -- Empty once nothing is to be sent any more.
    recipient       TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    body            TEXT    NOT NULL,
    -- The number of the first event that it tells of.
    first_event     INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    -- NULL once it was sent or given up.
    next_attempt_at INTEGER,
    attempts        INTEGER NOT NULL,
    sent_at         INTEGER,
    given_up_at     INTEGER,
    last_problem    TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX outgoing_mail_due ON outgoing_mail (next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outgoing_mail_by_recipient ON outgoing_mail (recipient_hash, kind, created_at);
CREATE INDEX outgoing_mail_by_thread ON outgoing_mail (thread_id);
CREATE INDEX outgoing_mail_by_time ON outgoing_mail (created_at);
