-- Events that only agents see are numbered apart from the others, so that the
-- numbers that visitors are sent do not tell how many there are. `number` counts
-- all events, as before; `private_events` says how many of a thread's events, or
-- of those up to an event with the event itself, are numbered apart. Events that
-- were written before this keep the numbers that they were known by: 0 is right
-- for them.
ALTER TABLE event ADD COLUMN private_events INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN private_events INTEGER NOT NULL DEFAULT 0;

-- Finds the event that a visitor knows by a number. Most events are not in it.
CREATE INDEX event_private ON event (thread_id, number - private_events, private_events)
    WHERE private_events > 0 AND visibility = 'agents';
