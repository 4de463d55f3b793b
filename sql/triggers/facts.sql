-- Concern: session_profile and team_closure follow the facts (sql/functions/070_refresh.sql). A statement's rows at once; one
-- trigger for each event, since PostgreSQL gives transition tables to no more than one.
{% for table, whom in [
  ('membership', 'members'), ('team_member', 'members'), ('exception', 'members'),
  ('role_cell', 'roles'), ('team_role', 'roles of teams'), ('team_edge', 'teams'), ('share', 'shares'),
  ('sensitivity', 'everybody')
] %}
create trigger {{ table }}_inserted after insert on access.{{ table }}
  referencing new table as changed for each statement execute function access_private.facts_changed('{{ whom }}');
create trigger {{ table }}_updated after update on access.{{ table }}
  referencing new table as changed for each statement execute function access_private.facts_changed('{{ whom }}');
{% if whom != 'teams' -%}
create trigger {{ table }}_rewritten after update on access.{{ table }}
  referencing old table as was new table as changed for each statement execute function access_private.fact_rewritten();
{% endif -%}
create trigger {{ table }}_deleted after delete on access.{{ table }}
  referencing old table as changed for each statement execute function access_private.facts_changed('{{ whom }}');
{% endfor %}
-- The first team and the last one turn team scope (T6), and a new team is in the closure.
create trigger team_inserted after insert on access.team
  referencing new table as changed for each statement execute function access_private.facts_changed('teams');
create trigger team_updated after update on access.team
  referencing new table as changed for each statement execute function access_private.facts_changed('teams');
create trigger team_deleted after delete on access.team
  referencing old table as changed for each statement execute function access_private.facts_changed('teams');
-- Some tools are there for accounts of some kinds alone.
create trigger account_kind_changed after update on access.account
  for each row when (old.kind is distinct from new.kind) execute function access_private.kind_changed();
