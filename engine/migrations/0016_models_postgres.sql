DO $$
DECLARE tbl TEXT;
BEGIN
  FOREACH tbl IN ARRAY ARRAY['model_releases', 'self_tests'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tbl);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tbl);
    EXECUTE format(
      'CREATE POLICY named_tenants ON %I TO sala_app
         USING (tenant_id = ANY (string_to_array(current_setting(''sala.tenants'', true), '','')))
         WITH CHECK (tenant_id = ANY (string_to_array(current_setting(''sala.tenants'', true), '','')))', tbl);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO sala_app', tbl);
  END LOOP;
END $$;
