-- How the last twelve heard messages feel, one sign each (+ positive, - negative, 0 neutral, ? a question), and what asks
-- for a person's eye since one of ours last wrote.
ALTER TABLE conversations ADD COLUMN moods TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN urgent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN toxic BIGINT NOT NULL DEFAULT 0;
