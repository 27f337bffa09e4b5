-- A chat has at most one open thread, which all devices of its visitor share. Of several that
-- older versions left open, the newest stays.
UPDATE thread
SET status = 'ended',
    end_reason = 'client',
    ended_at = (
        SELECT max(newer.created_at)
        FROM thread AS newer
        WHERE newer.chat_id = thread.chat_id AND newer.status <> 'ended'
    )
WHERE status <> 'ended'
    AND EXISTS (
        SELECT 1
        FROM thread AS newer
        WHERE newer.chat_id = thread.chat_id
            AND newer.status <> 'ended'
            AND (newer.created_at, newer.id) > (thread.created_at, thread.id)
    );

-- Their sessions end with them. Those of messages that were left stay open for an answer.
UPDATE session
SET closed_at = last_heard_at
WHERE closed_at IS NULL
    AND thread_id IN (SELECT id FROM thread WHERE status = 'ended')
    AND thread_id NOT IN (SELECT thread_id FROM offline_message);

CREATE UNIQUE INDEX thread_open_of_chat ON thread (chat_id) WHERE status <> 'ended';
