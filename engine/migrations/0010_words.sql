-- A proof joins nobody before whoever brought it has said yes: the address that was asked, and no other may answer.
ALTER TABLE link_codes ADD COLUMN asked_account TEXT;
ALTER TABLE link_codes ADD COLUMN asked_of TEXT;
CREATE INDEX link_codes_by_asked ON link_codes (tenant_id, asked_account, asked_of) WHERE asked_of IS NOT NULL;

-- Reactions, edits and unsends that came before the message that they name: they wait for it. Platforms do not promise an
-- order. `actor` is who reacted.
CREATE TABLE early_changes (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  change TEXT NOT NULL,
  sent_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, external_id, kind, actor)
);
CREATE INDEX early_changes_by_time ON early_changes (tenant_id, channel_account_id, created_at);
