-- Forced row-level security. The application works as `sala_app`, which sees only the tenants that its transaction
-- names in `sala.tenants`; claiming and sweeping work as `sala_claim`, which sees every tenant but only ids and times.
-- `sala_app` may become `sala_claim` but does not inherit from it: else its policies would open every tenant to it.
-- Roles belong to the whole cluster, so another database may be making them at this moment.
DO $$
BEGIN
  BEGIN
    CREATE ROLE sala_app NOLOGIN NOINHERIT;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    CREATE ROLE sala_claim NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    GRANT sala_app TO CURRENT_USER;
  EXCEPTION WHEN unique_violation THEN NULL;
  END;
  BEGIN
    GRANT sala_claim TO sala_app;
  EXCEPTION WHEN unique_violation THEN NULL;
  END;
  IF pg_has_role('sala_app', 'sala_claim', 'USAGE') THEN
    RAISE EXCEPTION 'the role sala_app must not inherit from sala_claim' USING HINT = 'ALTER ROLE sala_app NOINHERIT';
  END IF;
END $$;

DO $$
DECLARE tbl TEXT;
BEGIN
  FOR tbl IN SELECT table_name FROM information_schema.columns
             WHERE column_name = 'tenant_id' AND table_schema = current_schema()
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tbl);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tbl);
    EXECUTE format(
      'CREATE POLICY named_tenants ON %I TO sala_app
         USING (tenant_id = ANY (string_to_array(current_setting(''sala.tenants'', true), '','')))
         WITH CHECK (tenant_id = ANY (string_to_array(current_setting(''sala.tenants'', true), '','')))', tbl);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO sala_app', tbl);
  END LOOP;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO sala_app, sala_claim', current_schema());
END $$;
REVOKE UPDATE, DELETE ON audit FROM sala_app;

GRANT SELECT (tenant_id, name, language, time_zone, last_event) ON tenants TO sala_claim;
GRANT SELECT (tenant_id, id) ON channel_accounts TO sala_claim;
GRANT SELECT (tenant_id, conversation_id, gen, ready_at) ON ready TO sala_claim;
GRANT SELECT (tenant_id, id, lease_until, status), UPDATE (lease_until) ON conversations TO sala_claim;
GRANT SELECT (tenant_id, id, conversation_id, turn, state, accepted_at) ON inbound TO sala_claim;
GRANT SELECT (tenant_id, id, conversation_id, position, state, next_attempt_at, lease_until), UPDATE (lease_until)
  ON outbox TO sala_claim;
GRANT SELECT (tenant_id, id, state, run_at, lease_until), UPDATE (lease_until) ON jobs TO sala_claim;
GRANT SELECT (tenant_id, id) ON sessions TO sala_claim;
GRANT SELECT (tenant_id, id) ON api_keys TO sala_claim;
GRANT SELECT (tenant_id, email) ON agents TO sala_claim;
CREATE POLICY claims ON tenants FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON channel_accounts FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON ready FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON conversations FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON inbound FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON outbox FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON jobs FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON sessions FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON api_keys FOR SELECT TO sala_claim USING (true);
CREATE POLICY claims ON agents FOR SELECT TO sala_claim USING (true);

-- To lock a row, PostgreSQL asks for the right to update it. `sala_claim` may lock, but no row it changes passes.
CREATE POLICY claims_lock ON conversations FOR UPDATE TO sala_claim USING (true) WITH CHECK (false);
CREATE POLICY claims_lock ON outbox FOR UPDATE TO sala_claim USING (true) WITH CHECK (false);
CREATE POLICY claims_lock ON jobs FOR UPDATE TO sala_claim USING (true) WITH CHECK (false);
