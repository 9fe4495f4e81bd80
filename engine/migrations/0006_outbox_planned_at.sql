-- When the sends of a reply were planned that may have arrived: they are repeated as they were. What goes out depends on
-- the time (LINE's reply token lives a minute), and said in another way it could be said twice.
ALTER TABLE outbox ADD COLUMN planned_at BIGINT NOT NULL DEFAULT 0;

-- Echoes that name no send of ours are compared with what went out lately.
CREATE INDEX outbox_sent ON outbox (tenant_id, conversation_id, sent_at) WHERE state = 'sent';
