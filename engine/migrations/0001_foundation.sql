-- One text for SQLite and PostgreSQL. Ids are UUIDv7 text, times are microseconds UTC, JSON is text, flags are 0 or 1.
-- tenant_id leads every table and every index but the few that serve who cannot know the tenant yet.

CREATE TABLE tenants (
  tenant_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  last_event BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);

CREATE TABLE channel_accounts (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  channel TEXT NOT NULL,
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  bot TEXT NOT NULL,
  api_base TEXT NOT NULL,
  settings TEXT NOT NULL,
  secrets TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX channel_accounts_by_id ON channel_accounts (id);

CREATE TABLE people (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  display_name TEXT,
  language TEXT,
  facts TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE addresses (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  display_name TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
);
CREATE UNIQUE INDEX addresses_by_external_id ON addresses (tenant_id, channel_account_id, external_id);

-- One thread of one channel account. `next_turn` and `done_turn` number the messages to be heard, `last_message` all
-- messages; the lease and its fencing token let one worker at a time take a turn.
CREATE TABLE conversations (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  thread TEXT NOT NULL,
  is_current BIGINT NOT NULL,
  person_id TEXT NOT NULL,
  person_name TEXT,
  status TEXT NOT NULL,
  control TEXT NOT NULL,
  control_ref TEXT,
  language TEXT,
  state TEXT NOT NULL,
  hints TEXT NOT NULL,
  last_turn BIGINT NOT NULL,
  done_turn BIGINT NOT NULL,
  last_message BIGINT NOT NULL,
  lease_node TEXT,
  lease_token BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  last_text TEXT,
  last_author TEXT,
  last_at BIGINT NOT NULL,
  waiting_since BIGINT,
  handoff_reason TEXT,
  intent TEXT,
  sentiment TEXT,
  unanswered BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX conversations_current ON conversations (tenant_id, channel_account_id, thread) WHERE is_current = 1;
CREATE INDEX conversations_by_time ON conversations (tenant_id, status, last_at);
CREATE INDEX conversations_by_control ON conversations (tenant_id, status, control, last_at);

CREATE TABLE messages (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  author TEXT NOT NULL,
  author_ref TEXT,
  author_name TEXT,
  body TEXT NOT NULL,
  external_id TEXT,
  client_id TEXT,
  state TEXT NOT NULL,
  failure TEXT,
  turn_id TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
CREATE UNIQUE INDEX messages_by_seq ON messages (tenant_id, conversation_id, seq);
CREATE UNIQUE INDEX messages_by_client_id ON messages (tenant_id, conversation_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX messages_by_external_id ON messages (tenant_id, external_id) WHERE external_id IS NOT NULL;

-- The inbox. UNIQUE (tenant, channel account, event id) is what makes a redelivery harmless.
CREATE TABLE inbound (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  turn BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  park_reason TEXT,
  accepted_at BIGINT NOT NULL,
  done_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX inbound_by_event ON inbound (tenant_id, channel_account_id, event_id);
CREATE UNIQUE INDEX inbound_by_turn ON inbound (tenant_id, conversation_id, turn);
CREATE INDEX inbound_unfinished ON inbound (tenant_id, state, accepted_at) WHERE state <> 'done';

-- Conversations with something to hear. `gen` rises with every arrival, so that a worker that is about to forget a
-- conversation notices a message that came meanwhile.
CREATE TABLE ready (
  tenant_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  gen BIGINT NOT NULL,
  ready_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id)
);
CREATE INDEX ready_by_time ON ready (ready_at);

CREATE TABLE turns (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  turn BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  decision TEXT NOT NULL,
  record TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX turns_by_number ON turns (tenant_id, conversation_id, turn);

CREATE TABLE outbox (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  destination TEXT NOT NULL,
  reply TEXT NOT NULL,
  progress BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  ambiguous BIGINT NOT NULL,
  next_attempt_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'pending';
CREATE INDEX outbox_by_conversation ON outbox (tenant_id, conversation_id, position) WHERE state = 'pending';
CREATE INDEX outbox_parked ON outbox (tenant_id, created_at) WHERE state = 'parked';

-- What every live view follows: n is given under the tenant's row, so its order is the order of commits.
CREATE TABLE event_log (
  tenant_id TEXT NOT NULL,
  n BIGINT NOT NULL,
  kind TEXT NOT NULL,
  conversation_id TEXT,
  data TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, n)
);
CREATE INDEX event_log_by_conversation ON event_log (tenant_id, conversation_id, n);

CREATE TABLE handoffs (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  agent_id TEXT,
  taken_at BIGINT,
  closed_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX handoffs_open ON handoffs (tenant_id, requested_at) WHERE closed_at IS NULL;
CREATE INDEX handoffs_by_conversation ON handoffs (tenant_id, conversation_id);

CREATE TABLE feedback (
  tenant_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  source TEXT NOT NULL,
  actor TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  turn_id TEXT,
  value BIGINT NOT NULL,
  note TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, message_id, source, actor)
);

CREATE TABLE jobs (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  dedupe TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  progress BIGINT NOT NULL,
  total BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  run_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX jobs_unfinished ON jobs (tenant_id, kind, dedupe) WHERE state <> 'done';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'waiting';

CREATE TABLE roles (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  name TEXT NOT NULL,
  permissions TEXT NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

CREATE TABLE agents (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX agents_by_email ON agents (tenant_id, email);
-- Somebody who signs in names an address, not a tenant.
CREATE INDEX agents_by_address ON agents (email);

CREATE TABLE agent_roles (
  tenant_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (tenant_id, agent_id, role),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
  FOREIGN KEY (tenant_id, role) REFERENCES roles (tenant_id, name)
);

-- `id` is the SHA-256 of the cookie's token, in hex.
CREATE TABLE sessions (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  csrf TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id)
);
-- A cookie names a session, not a tenant; this is looked up with every request.
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);

CREATE TABLE api_keys (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  permissions TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);

-- Append only; each row carries the hash of the one before it.
CREATE TABLE audit (
  tenant_id TEXT NOT NULL,
  n BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant_id, n)
);

CREATE TABLE blobs (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  mime TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
