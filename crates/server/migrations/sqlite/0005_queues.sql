-- Waiting threads are read once, when the process starts; from then on it
-- keeps the queues in memory.
CREATE INDEX thread_waiting ON thread (queued_at, id) WHERE status = 'queued';

-- How many chats each agent has open.
CREATE INDEX thread_answered ON thread (agent_id) WHERE status <> 'ended';

-- Nothing reads all open threads any more.
DROP INDEX thread_open;
