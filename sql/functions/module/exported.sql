{% set me = '(select access.user_id())' -%}
{% set keys = '(select access.team_keys())::uuid[]' -%}
{%- macro held(bit) -%}
(select access.reach('{{ m.governing }}', 'export') & {{ bit }} <> 0)
{%- endmacro -%}
-- Concern: which rows of {{ m.name }} go into a file: of those that the caller sees, those that `export` reaches (C2). Whoever
-- exports reads from here and not from the table. Invoker, and one statement, so that it becomes part of the one that asks.
-- As text, so that no column of the table is held by it. What access.{{ m.reach }}_within says is written out: handed over to
-- it, what is asked once would be asked for each row, of which there may be a million.
{% if 'export' in m.action_names %}
create or replace function access.exported_{{ m.name }}() returns setof crm.{{ m.name }}
  language sql stable parallel safe
as $$
  select t.* from crm.{{ m.name }} t
   where {{ held(1) }}
      {% if m.reach == 'record' -%}
      or {{ held(2) }} and (t.team_key = any ({{ keys }}) or t.owner_id = {{ me }})
      {%- else -%}
      or {{ held(2) }}
      and (not t.restricted or t.team_ids && {{ keys }} or t.owner_id = {{ me }} or t.{{ m.creator }} = {{ me }})
      {%- endif %}
      or {{ held(4) }} and t.owner_id = {{ me }}
      or {{ held(8) }} and t.{{ m.creator }} = {{ me }}
      or {{ held(16) }} and t.owner_id is null{{ ' and not t.restricted' if m.reach == 'asset' }}
      {%- for module, column in m.share_keys %}
      or {{ held(32) }} and t.{{ column }} = any ((select access.shared_rows('{{ module }}', 'export'))::uuid[])
      {%- endfor %};
$$;
comment on function access.exported_{{ m.name }}() is 'Rows that the session sees and may take out to files.';
{% endif %}
