-- A file that was brought for a message; null once a message names it. After this moment it is let go.
ALTER TABLE blobs ADD COLUMN awaited_until BIGINT;
CREATE INDEX blobs_awaited ON blobs (tenant_id, awaited_until) WHERE awaited_until IS NOT NULL;
