-- What changes an account raises its version: a node that holds an older one reads it again.
ALTER TABLE channel_accounts ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- Conversations outlive the account on which they were held.
ALTER TABLE channel_accounts ADD COLUMN removed_at BIGINT;
-- Since when the platform refuses the account itself: what is to be sent there waits. Null where it does not.
ALTER TABLE channel_accounts ADD COLUMN held_at BIGINT;
-- When its message templates were last fetched; null before.
ALTER TABLE channel_accounts ADD COLUMN templates_at BIGINT;

-- Attempts at a reply that were put off without a try, which do not count against it.
ALTER TABLE outbox ADD COLUMN deferred BIGINT NOT NULL DEFAULT 0;

-- How an account was when it was last looked at.
CREATE TABLE account_health (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  state TEXT NOT NULL,
  findings TEXT NOT NULL,
  token_expires_at BIGINT,
  checked_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id)
);

-- The platform's monthly quota of messages, and what was sent since it was last asked.
CREATE TABLE account_quotas (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  month TEXT NOT NULL,
  most BIGINT,
  used BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, month)
);

-- What the company pays for a message, as it says itself. Prices are in millionths of the currency.
CREATE TABLE account_rates (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  category TEXT NOT NULL,
  prefix TEXT NOT NULL,
  currency TEXT NOT NULL,
  price BIGINT NOT NULL,
  included BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, category, prefix)
);

-- How far the receipt came that told the cost: an older one does not take its place.
ALTER TABLE platform_messages ADD COLUMN cost_rank BIGINT NOT NULL DEFAULT 0;
CREATE INDEX platform_messages_by_time ON platform_messages (tenant_id, channel_account_id, created_at);

CREATE TABLE message_templates (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  category TEXT NOT NULL,
  status TEXT NOT NULL,
  components TEXT NOT NULL,
  quality TEXT,
  reason TEXT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, name, language)
);
