-- The intent models of a bot that were in service: the one that a person holds is, else the one that was put there last.
CREATE TABLE model_releases (
  tenant_id TEXT NOT NULL,
  bot TEXT NOT NULL,
  version TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  card TEXT NOT NULL,
  promoted_at BIGINT NOT NULL,
  promoted_by TEXT,
  held BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, bot, version)
);
-- What nine tenths of a bot's examples know of the last tenth, night by night; shares in ten-thousandths.
CREATE TABLE self_tests (
  tenant_id TEXT NOT NULL,
  bot TEXT NOT NULL,
  at BIGINT NOT NULL,
  version TEXT NOT NULL,
  examples BIGINT NOT NULL,
  accuracy BIGINT NOT NULL,
  macro_f1 BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, bot, at)
);
