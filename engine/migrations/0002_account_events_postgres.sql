ALTER TABLE account_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_events FORCE ROW LEVEL SECURITY;
CREATE POLICY named_tenants ON account_events TO sala_app
  USING (tenant_id = ANY (string_to_array(current_setting('sala.tenants', true), ',')))
  WITH CHECK (tenant_id = ANY (string_to_array(current_setting('sala.tenants', true), ',')));
GRANT SELECT, INSERT, UPDATE, DELETE ON account_events TO sala_app;
