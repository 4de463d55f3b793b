{% macro of_copy() -%}
  {% if m.reach == 'record' -%}
  me, me, access.team_key(access.main_team_of(me), false)
  {%- else -%}
  me, me, original.restricted, '{}'
  {%- endif %}
{%- endmacro -%}
-- Concern: a copy of a row of {{ m.name }}. Invoker: what the caller does not see is not copied, and the copy passes the walls
-- that every new row passes. It is the caller's, and starts where his rows start; what has an action of its own (a state, a
-- destination) starts anew, and pairs stay with the original. What was restricted stays so, since a copy for everybody would
-- show what few were to see.
{% if 'clone' in m.action_names %}
create or replace function access.clone_{{ m.name }}(
  row_id uuid, copy_id uuid default access.uuid_v7(), new_label text default null
) returns uuid
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  original crm.{{ m.name }};
begin
  select * into original from crm.{{ m.name }} t where t.account_id = access.account_id() and t.id = row_id;
  if not found then
    perform access.not_found('{{ m.name }}');
  end if;
  if access.{{ m.reach }}_within(access.reach('{{ m.name }}', 'clone'), {{ m.reach_of('original') }}, me, keys) is not true
     {%- for module, column in m.share_keys %}
     and not access.is_shared('{{ m.governing }}', 'clone', '{{ module }}', original.{{ column }})
     {%- endfor %} then
    perform access.forbid('{{ m.name }}', 'clone');
  end if;
  -- The policy would say it too, and not what is missing.
  if access.reach('{{ m.name }}', 'create') = 0 then
    perform access.forbid('{{ m.name }}', 'create');
  end if;
  {% for link in m.to_one if link.column in m.copied | map(attribute='name') -%}
  original.{{ link.column }} := (
    select t.id from crm.{{ link.target }} t where t.account_id = access.account_id() and t.id = original.{{ link.column }}
  );
  {% endfor -%}
  insert into crm.{{ m.name }} (
    id{% if m.kind == 'asset' %}, restricted, team_ids{% endif %}
    {%- for column in m.copied %}, {{ column.name }}{% endfor %}
  )
  values (
    copy_id{% if m.kind == 'asset' %}, nullif(original.restricted, false), case when original.restricted then '{}'::uuid[] end{% endif %}
    {%- for column in m.copied %},
    {% if column.name == m.label -%}
    coalesce(new_label, original.{{ column.name }})
    {%- else -%}
    original.{{ column.name }}
    {%- endif %}
    {%- endfor %}
  );
  {% if m.sensitive -%}
  -- As for any row, of the copy too: what is sensitive is written by who may see and update it there.
  if access.{{ m.reach }}_within(access.reach('{{ m.name }}', access.sensitive_action('{{ m.name }}')), {{ of_copy() }}, me, keys)
     and access.{{ m.reach }}_within(access.reach('{{ m.name }}', 'update'), {{ of_copy() }}, me, keys) then
    insert into {{ m.sensitive_table }} (id{% for column in m.sensitive %}, {{ column.name }}{% endfor %})
      select copy_id{% for column in m.sensitive %}, s.{{ column.name }}{% endfor %}
        from {{ m.sensitive_table }} s where s.account_id = access.account_id() and s.id = row_id
      on conflict do nothing;
  end if;
  {% endif -%}
  return copy_id;
end $$;
comment on function access.clone_{{ m.name }}(uuid, uuid, text) is
  'Copies a row for the caller, with a label of its own (null: the same); the id of the copy. U0403 without clone of the row, or without create.';
{% endif %}
