-- Concern: which rows of {{ m.name }} go into a file: of those that the caller sees, those that `export` reaches (C2). Whoever
-- exports reads from here and not from the table. Invoker, and one statement, so that it becomes part of the one that asks.
-- As text, so that no column of the table is held by it.
{% if 'export' in m.action_names %}
create or replace function access.exported_{{ m.name }}() returns setof crm.{{ m.name }}
  language sql stable parallel safe
as $$
  select t.* from crm.{{ m.name }} t
   where access.{{ m.reach }}_within(
     (select access.reach('{{ m.governing }}', 'export')), {{ m.reach_of('t') }},
     (select access.user_id()), (select access.team_keys())
   );
$$;
comment on function access.exported_{{ m.name }}() is 'Rows that the session sees and may take out to files.';
{% endif %}
