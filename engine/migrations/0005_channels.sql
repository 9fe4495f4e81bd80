-- One app of a platform carries the events of many accounts.
CREATE INDEX channel_accounts_by_platform ON channel_accounts (channel, external_id);

-- When the person last wrote, by our clock: most platforms let us speak freely for a day from then.
ALTER TABLE conversations ADD COLUMN heard_at BIGINT NOT NULL DEFAULT 0;

-- Every id that a platform gave to a message of ours: a reply may go out as several.
CREATE TABLE platform_messages (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL,
  cost TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, external_id)
);
CREATE INDEX platform_messages_by_message ON platform_messages (tenant_id, message_id);

-- Other ids of a person on the same account (WhatsApp's number beside the business-scoped id), and what helps people to
-- recognise them.
ALTER TABLE addresses ADD COLUMN username TEXT;
ALTER TABLE addresses ADD COLUMN phone TEXT;
-- When the platform was last asked who that is; null before.
ALTER TABLE addresses ADD COLUMN profile_at BIGINT;
CREATE TABLE address_aliases (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  alias TEXT NOT NULL,
  external_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, alias)
);
