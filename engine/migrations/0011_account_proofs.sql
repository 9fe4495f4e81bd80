-- Which secrets of an account have verified a call of the other side, each by a keyed mark: while one is changed, the one
-- that has proved itself stays good.
CREATE TABLE secret_proofs (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  mark TEXT NOT NULL,
  proved_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, mark)
);

-- Instagram has two ids for one account. Empty while the other one is not known.
ALTER TABLE channel_accounts ADD COLUMN other_external_id TEXT NOT NULL DEFAULT '';
CREATE INDEX channel_accounts_by_other_id ON channel_accounts (channel, other_external_id) WHERE other_external_id <> '';

-- How many events a day came to an account that were for an account of another id. `day` counts days since 1970.
CREATE TABLE account_strays (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  day BIGINT NOT NULL,
  events BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, external_id, day)
);
