-- The person to whom an address or a conversation belongs by itself; null where it was never merged. `person_id` follows
-- the standing merges up to the person who was kept, so that a merge can be undone whatever was merged on top of it.
ALTER TABLE addresses ADD COLUMN home_person_id TEXT;
ALTER TABLE conversations ADD COLUMN home_person_id TEXT;
CREATE INDEX addresses_by_person ON addresses (tenant_id, person_id);
CREATE INDEX conversations_by_person ON conversations (tenant_id, person_id, last_at);

-- Two people who turned out to be one, with the evidence. One that is undone stays as history.
CREATE TABLE merges (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kept_person_id TEXT NOT NULL,
  merged_person_id TEXT NOT NULL,
  evidence TEXT NOT NULL,
  detail TEXT NOT NULL,
  merged_by TEXT NOT NULL,
  addresses TEXT NOT NULL,
  facts TEXT NOT NULL,
  merged_at BIGINT NOT NULL,
  undone_at BIGINT,
  undone_by TEXT,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, kept_person_id) REFERENCES people (tenant_id, id),
  FOREIGN KEY (tenant_id, merged_person_id) REFERENCES people (tenant_id, id)
);
CREATE UNIQUE INDEX merges_standing ON merges (tenant_id, merged_person_id) WHERE undone_at IS NULL;
CREATE INDEX merges_by_kept ON merges (tenant_id, kept_person_id);

-- What proves that somebody on another address is the same person: a one-time code, or the token of a signed link. Only
-- a keyed hash is kept. `used_for` is the message that brought it.
CREATE TABLE link_codes (
  tenant_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  evidence TEXT NOT NULL,
  person_id TEXT,
  agent_id TEXT,
  made_by TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  used_for TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX link_codes_by_time ON link_codes (tenant_id, created_at);

-- Codes that were tried and are none: by address, and by tenant under the empty name.
CREATE TABLE link_attempts (
  tenant_id TEXT NOT NULL,
  who TEXT NOT NULL,
  began_at BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, who)
);

-- A sign-in with LINE that has begun: what its return must match.
CREATE TABLE line_logins (
  tenant_id TEXT NOT NULL,
  state_hash TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, state_hash)
);

-- Addresses that colleagues proved to be their own. One that was unlinked stays as history.
CREATE TABLE agent_addresses (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  address_id TEXT NOT NULL,
  linked_at BIGINT NOT NULL,
  unlinked_at BIGINT,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
  FOREIGN KEY (tenant_id, address_id) REFERENCES addresses (tenant_id, id)
);
CREATE UNIQUE INDEX agent_addresses_standing ON agent_addresses (tenant_id, address_id) WHERE unlinked_at IS NULL;
CREATE INDEX agent_addresses_by_agent ON agent_addresses (tenant_id, agent_id);
