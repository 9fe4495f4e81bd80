-- Rich menus as people draw them here. `revision` rises with every change, `platform_id` is LINE's name of the revision
-- that it shows, `reason` is why it refused the newest one.
CREATE TABLE line_menus (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  menu TEXT NOT NULL,
  picture TEXT,
  state TEXT NOT NULL,
  reason TEXT,
  platform_id TEXT,
  revision BIGINT NOT NULL,
  is_default BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX line_menus_by_name ON line_menus (tenant_id, channel_account_id, name);

-- Addresses that blocked or left us: nobody writes to them first.
CREATE TABLE stopped_addresses (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  channel_account_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  stopped_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, external_id)
);

-- Words that people put on a conversation, to find its person again.
CREATE TABLE conversation_tags (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  tag TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, tag)
);
CREATE INDEX conversation_tags_by_tag ON conversation_tags (tenant_id, tag);

-- Messages to many. The people are fixed when somebody confirms the number: each chunk is one call under one key, so that
-- a call of unknown outcome is repeated and not said twice. A chunk without a call only tells the conversations.
CREATE TABLE broadcasts (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  way TEXT NOT NULL,
  choice TEXT NOT NULL,
  reply TEXT NOT NULL,
  people BIGINT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  created_by TEXT NOT NULL,
  confirmed_by TEXT,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  done_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX broadcasts_by_account ON broadcasts (tenant_id, channel_account_id, created_at);
CREATE TABLE broadcast_chunks (
  tenant_id TEXT NOT NULL,
  broadcast_id TEXT NOT NULL,
  chunk BIGINT NOT NULL,
  way TEXT NOT NULL,
  retry_key TEXT NOT NULL,
  people TEXT NOT NULL,
  count BIGINT NOT NULL,
  state TEXT NOT NULL,
  request_id TEXT,
  reason TEXT,
  first_tried_at BIGINT,
  done_at BIGINT,
  PRIMARY KEY (tenant_id, broadcast_id, chunk),
  FOREIGN KEY (tenant_id, broadcast_id) REFERENCES broadcasts (tenant_id, id)
);

-- Groups of people that LINE keeps for narrowcasts, made here.
CREATE TABLE line_audiences (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  id TEXT NOT NULL,
  channel_account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  choice TEXT NOT NULL,
  people BIGINT NOT NULL,
  group_id BIGINT,
  state TEXT NOT NULL,
  reason TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX line_audiences_by_account ON line_audiences (tenant_id, channel_account_id, created_at);

-- LINE's figures, asked once a day.
CREATE TABLE line_figures (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  channel_account_id TEXT NOT NULL,
  figure TEXT NOT NULL,
  day TEXT NOT NULL,
  answer TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, figure, day)
);

-- Those who speak in groups, by the name that the platform tells; `name` is null where it does not.
CREATE TABLE group_members (
  tenant_id TEXT NOT NULL REFERENCES tenants,
  channel_account_id TEXT NOT NULL,
  thread TEXT NOT NULL,
  external_id TEXT NOT NULL,
  name TEXT,
  asked_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, channel_account_id, thread, external_id)
);
