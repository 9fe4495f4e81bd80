-- Which secrets of an account have verified a call of the other side, each by a keyed mark: while one is changed, the one
-- that has proved itself stays good.
CREATE TABLE secret_proofs (
  tenant_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  mark TEXT NOT NULL,
  proved_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, mark)
);
