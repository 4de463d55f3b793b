-- Concern: the history of access is written by the engine, and changed by nobody; an erasure removes reasons, or addresses in them.
revoke update, delete on access.access_log, access_private.operator_log from cloison_engine;
grant update (reason) on access.access_log, access_private.operator_log to cloison_engine;
-- Of operators nobody is told by a grant.
grant select on access.access_log, crm.access_changes, crm.teams_of_history to cloison_reader;
grant execute on function access.kinds_of_history(), access.sees_row(text, uuid), access.known_state(jsonb),
  access.knows_team(uuid) to cloison_reader;
grant execute on function access.because(text) to cloison_member;
