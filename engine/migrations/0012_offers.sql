-- A code and the links beside it are one offer: whatever ends one of them ends them all.
ALTER TABLE link_codes ADD COLUMN offer TEXT;
CREATE INDEX link_codes_by_offer ON link_codes (tenant_id, offer) WHERE offer IS NOT NULL;
