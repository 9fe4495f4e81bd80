-- What people call a message to many; empty where its first words do.
ALTER TABLE broadcasts ADD COLUMN name TEXT NOT NULL DEFAULT '';
