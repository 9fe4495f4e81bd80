-- A proof joins nobody before whoever brought it has said yes: the address that was asked, and no other may answer.
ALTER TABLE link_codes ADD COLUMN asked_account TEXT;
ALTER TABLE link_codes ADD COLUMN asked_of TEXT;
CREATE INDEX link_codes_by_asked ON link_codes (tenant_id, asked_account, asked_of) WHERE asked_of IS NOT NULL;
