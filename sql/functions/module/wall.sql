{% macro shared(action, row) -%}
  {% for module, column in m.share_keys %}
      or access.is_shared('{{ m.governing }}', '{{ action }}', '{{ module }}', {{ row }}.{{ column }})
  {%- endfor %}
{%- endmacro -%}
{% macro by_scope(action) -%}
  access.{{ m.reach }}_within(access.reach('{{ m.governing }}', '{{ action }}'), {{ m.reach_of('old') }}, me, keys)
{%- endmacro -%}
{% macro within(action) -%}
  ({{ by_scope(action) }}{{ shared(action, 'old') }})
{%- endmacro -%}
{% macro allowed(action) -%}
  {% if registry.scoped(m, action) -%}
  {{ within(action) }}
  {%- else -%}
  (access.reach('{{ m.governing }}', '{{ action }}') <> 0 and {{ by_scope('view') }})
  {%- endif %}
{%- endmacro -%}
-- Concern: which action a change of {{ m.name }} is, and whether the member holds it for this row. Row policies are the outer
-- wall and know four commands; this knows the product's. Invoker, the last of the BEFORE triggers, reads no generated
-- column of NEW (they are null there), and lets nothing pass that is not true.

create or replace function access_private.wall_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
begin
  -- The engine acts for whom it has checked itself.
  if current_user = 'cloison_engine' then
    return coalesce(new, old);
  end if;
  if tg_op = 'DELETE' then
    if {{ within(m.needed('delete')) }} is not true then
      perform access.forbid('{{ m.governing }}', '{{ m.needed('delete') }}');
    end if;
    return old;
  end if;
  if ({{ m.fixed_of('new') }})
     is distinct from ({{ m.fixed_of('old') }}) then
    perform access.forbid('{{ m.governing }}', '{{ 'assign' if 'assign' in m.action_names else m.needed('update') }}');
  end if;
  {% for action in m.actions_of_changes -%}
  if ({% for column in m.columns if m.needed(column.action) == action -%}
      new.{{ column.name }} is distinct from old.{{ column.name }}
      {%- if not loop.last %} or {% endif %}
      {%- endfor %})
     and {{ allowed(action) }} is not true then
    perform access.forbid('{{ m.governing }}', '{{ action }}');
  end if;
  {% endfor -%}
  return new;
end $$;
comment on function access_private.wall_{{ m.name }}() is
  'Before update or delete, after all other triggers: demands every action that the change is (mission, section 3).';

-- New rows are looked at together after their statement, with their generated columns, and the member's reach is asked once.
create or replace function access_private.wall_inserted_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  mask integer;
begin
  if current_user = 'cloison_engine' then
    return null;
  end if;
  {% if m.kind == 'child' and registry.on_rows(m.governing, m.needed('create')) -%}
  -- To write in a row is an action on that row.
  mask := access.reach('{{ m.governing }}', '{{ m.needed('create') }}');
  if exists (
    select from inserted n
     where (access.{{ m.reach }}_within(mask, {{ m.reach_of('n') }}, me, keys){{ shared(m.needed('create'), 'n') }}) is not true
  ) then
    perform access.forbid('{{ m.governing }}', '{{ m.needed('create') }}');
  end if;
  {% else -%}
  if (access.reach('{{ m.governing }}', '{{ m.needed('create') }}') <> 0) is not true then
    perform access.forbid('{{ m.governing }}', '{{ m.needed('create') }}');
  end if;
  {% endif -%}
  {% if m.kind in ('record', 'asset') -%}
  -- A row that is one's own and starts where one's rows start needs no more.
  mask := access.reach('{{ m.name }}', 'assign');
  if exists (
    select from inserted n
     where access.{{ m.reach }}_within(mask, {{ m.reach_of('n') }}, me, keys) is not true
       and (
         n.owner_id is not distinct from me and
         {%- if m.kind == 'record' %} not n.open_to_all and n.team_id is not distinct from access.main_team_of(me)
         {%- else %} n.team_ids = '{}'
         {%- endif %}
       ) is not true
  ) then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  {% endif -%}
  {% if m.kind == 'asset' -%}
  if exists (select from inserted n where n.restricted or n.team_ids <> '{}') then
    perform access.require_partition_tier('{{ m.name }}');
  end if;
  {% endif -%}
  {% for action in m.actions_of_changes if action != m.needed('update') -%}
  mask := access.reach('{{ m.governing }}', '{{ action }}');
  if exists (
    select from inserted n
     where (
       {%- for column in m.columns if m.needed(column.action) == action %}
       n.{{ column.name }} is distinct from {% if column.default is not none %}'{{ column.default }}'{% else %}null{% endif %}
       {%- if not loop.last %} or{% endif %}
       {%- endfor %}
     )
       and {% if registry.scoped(m, action) -%}
       access.{{ m.reach }}_within(mask, {{ m.reach_of('n') }}, me, keys)
       {%- else -%}
       (mask <> 0)
       {%- endif %} is not true
  ) then
    perform access.forbid('{{ m.governing }}', '{{ action }}');
  end if;
  {% endfor -%}
  return null;
end $$;
comment on function access_private.wall_inserted_{{ m.name }}() is
  'After insert: demands create, and every action that the new rows already are.';
