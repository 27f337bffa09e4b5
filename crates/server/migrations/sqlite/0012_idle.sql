-- Since when the visitor has not answered the agent's newest message. NULL while
-- there is none, or none that is not answered.
ALTER TABLE thread ADD COLUMN unanswered_since INTEGER;
