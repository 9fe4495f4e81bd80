-- What a platform tells about a channel account and no conversation (a poll's count, a policy notice), kept as it came.
CREATE TABLE account_events (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX account_events_by_event ON account_events (tenant_id, channel_account_id, event_id);
