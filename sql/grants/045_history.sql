-- Concern: the history of access is written by the engine, and changed by nobody; an erasure removes reasons, or addresses in them.
revoke update, delete on access.access_log from cloison_engine;
grant update (reason) on access.access_log to cloison_engine;
grant select on access.access_log, crm.access_changes to cloison_reader;
grant execute on function access.kinds_of_history(), access.sees_row(text, uuid), access.known_state(jsonb) to cloison_reader;
grant execute on function access.because(text) to cloison_member;
