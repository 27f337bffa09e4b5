-- Which group of agents may see a conversation; 0 for all agents. That of a chat
-- is the one of its newest thread.
ALTER TABLE thread ADD COLUMN group_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chat ADD COLUMN group_id INTEGER NOT NULL DEFAULT 0;

UPDATE thread
    SET group_id = (SELECT button.group_id FROM button WHERE button.id = thread.button_id)
    WHERE button_id IN (SELECT id FROM button);

UPDATE chat SET group_id = COALESCE(
    (SELECT thread.group_id FROM thread WHERE thread.chat_id = chat.id
     ORDER BY thread.created_at DESC, thread.id DESC LIMIT 1), 0);

-- Lists are filtered without a look at the rows.
DROP INDEX chat_by_thread_time;
DROP INDEX chat_by_activity;
DROP INDEX thread_by_time;
CREATE INDEX chat_by_thread_time ON chat (last_thread_at, id, group_id);
CREATE INDEX chat_by_activity ON chat (active, last_thread_at, id, group_id);
CREATE INDEX thread_by_time ON thread (created_at, id, group_id);

-- For which agents a push is: the members of a group (0: all agents) who are not
-- members of another, or one agent.
ALTER TABLE feed ADD COLUMN group_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN except_group_id INTEGER;
ALTER TABLE feed ADD COLUMN only_agent_id TEXT;
