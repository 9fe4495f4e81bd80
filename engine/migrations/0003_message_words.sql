-- What a message says, in lower case as the program has it, so that a search means the same in every database.
ALTER TABLE messages ADD COLUMN words TEXT NOT NULL DEFAULT '';
