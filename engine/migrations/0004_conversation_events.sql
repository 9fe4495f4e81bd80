-- A visitor who comes back is told the messages and the ends of turns that were missed. The other events need no place in
-- an index by conversation, which every turn would pay for several times.
DROP INDEX event_log_by_conversation;
CREATE INDEX event_log_of_conversations ON event_log (tenant_id, conversation_id, n)
  WHERE kind IN ('message.created', 'turn.recorded');
