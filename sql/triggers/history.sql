-- Concern: the history of access is written by whatever changes a fact (sql/functions/150_history.sql), and by nothing else.
-- Deferred: a change ends one row and begins another.
{% for table in [
  'membership', 'team_member', 'team_role', 'team_edge', 'role_cell', 'exception', 'account_tier', 'account_setting',
  'analyst_login', 'sensitivity', 'share'
] -%}
create constraint trigger {{ table }}_logged after insert or update or delete on access.{{ table }}
  deferrable initially deferred for each row execute function access_private.log_{{ table }}();
{% endfor -%}
{% for table in ['team', 'role', 'invitation'] -%}
create trigger {{ table }}_logged after insert or update or delete on access.{{ table }}
  for each row execute function access_private.log_{{ table }}();
{% endfor -%}
create trigger account_logged after update on access.account
  for each row when (old.kind is distinct from new.kind) execute function access_private.log_account();

create trigger operator_logged after insert or update or delete on access_private.operator
  for each row execute function access_private.log_operator();
create trigger subscribing_logged after update on access_private.installation
  for each row when (old.subscribing is distinct from new.subscribing) execute function access_private.log_subscribing();

create trigger access_log_signed before insert on access.access_log
  for each row execute function access_private.sign_history();
create trigger access_log_kept before update or delete or truncate on access.access_log
  for each statement execute function access_private.keep_history();
create trigger access_log_reason before update on access.access_log
  for each row execute function access_private.keep_but_reason();
create trigger operator_log_signed before insert on access_private.operator_log
  for each row execute function access_private.sign_operator_log();
create trigger operator_log_kept before update or delete or truncate on access_private.operator_log
  for each statement execute function access_private.keep_history();
create trigger operator_log_reason before update on access_private.operator_log
  for each row execute function access_private.keep_but_reason();
-- Also where a session says that it only replicates.
alter table access.access_log enable always trigger access_log_kept;
alter table access.access_log enable always trigger access_log_reason;
alter table access_private.operator_log enable always trigger operator_log_kept;
alter table access_private.operator_log enable always trigger operator_log_reason;
