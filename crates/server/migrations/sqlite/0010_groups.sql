-- Groups of agents. A button's visitors wait for the agents of its group.
CREATE TABLE agent_group (
    id   INTEGER NOT NULL PRIMARY KEY,
    name TEXT    NOT NULL
) STRICT;

INSERT INTO agent_group (id, name)
    SELECT DISTINCT group_id, CASE group_id WHEN 1 THEN 'Support' ELSE 'Group ' || group_id END
    FROM button;

CREATE TABLE membership (
    agent_id TEXT    NOT NULL REFERENCES agent (id),
    group_id INTEGER NOT NULL REFERENCES agent_group (id),
    PRIMARY KEY (agent_id, group_id)
) STRICT, WITHOUT ROWID;

-- Until now all agents answered all visitors.
INSERT INTO membership (agent_id, group_id)
    SELECT agent.id, agent_group.id FROM agent, agent_group;

ALTER TABLE agent ADD COLUMN role TEXT NOT NULL DEFAULT 'agent';
-- How many chats the agent has at a time at most; NULL for the setting of the site.
ALTER TABLE agent ADD COLUMN concurrent_chats INTEGER;

UPDATE agent SET role = 'owner' WHERE id =
    (SELECT id FROM agent WHERE removed_at IS NULL ORDER BY created_at, id LIMIT 1);

-- How visitors who wait come to an agent.
ALTER TABLE button ADD COLUMN routing TEXT NOT NULL DEFAULT 'choice';

-- For what a program's token is, in its owner's words.
ALTER TABLE token ADD COLUMN name TEXT;
