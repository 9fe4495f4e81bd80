-- Messages from before; SQLite lowers ASCII letters only, which a search for others' capitals then misses.
UPDATE messages SET words = LOWER(TRIM(
  COALESCE(body ->> '$.heard.text', body ->> '$.heard.title', body ->> '$.heard.media.caption', '') || ' ' ||
  COALESCE((SELECT GROUP_CONCAT(COALESCE(part.value ->> '$.text', ''), ' ') FROM json_each(body, '$.parts') AS part), '')));
