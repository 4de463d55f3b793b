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
{% macro changed(action) -%}
  {% for column in m.columns if m.needed(column.action) == action -%}
  new.{{ column.name }} is distinct from old.{{ column.name }}
  {%- if not loop.last %} or {% endif %}
  {%- endfor %}
{%- endmacro -%}
{% macro rewritten(columns) -%}
  {% for column in columns -%}
  new.{{ column.name }} is distinct from old.{{ column.name }}
  {%- if not loop.last %} or {% endif %}
  {%- endfor %}
{%- endmacro -%}
{% set goes = m.destination -%}
{% macro narrow(row) -%}
  ({{ row }}.{{ goes.state }} <> '{{ m.gone }}' or {{ row }}.{{ goes.column }} = '{{ goes.limited[0] }}')
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
  if ({{ changed(action) }})
     {%- if m.narrower and action == m.column(goes.column).action %}
     -- Of what was and is nowhere else than where the narrower action leads, that is asked below.
     and ({{ narrow('old') }} and {{ narrow('new') }}) is not true
     {%- endif %}
     and {{ allowed(action) }} is not true then
    perform access.forbid('{{ m.governing }}', '{{ action }}');
  end if;
  {% endfor -%}
  {% if m.narrower -%}
  -- Whoever holds the wider action holds this too.
  if ({{ changed(m.column(goes.column).action) }})
     and {{ allowed(m.narrower) }} is not true then
    perform access.forbid('{{ m.governing }}', '{{ m.narrower }}');
  end if;
  {% endif -%}
  {% if m.shown and m.content -%}
  -- To change what is published is to publish something else, to where the row is (C3).
  if old.{{ m.shown.name }} = '{{ m.shown.choices[-1] }}' and ({{ rewritten(m.content) }}) then
    if {% if m.narrower %}{{ narrow('old') }} is not true and {% endif %}{{ allowed(m.shown.action) }} is not true then
      perform access.forbid('{{ m.governing }}', '{{ m.shown.action }}');
    end if;
    {% if m.narrower -%}
    if {{ allowed(m.narrower) }} is not true then
      perform access.forbid('{{ m.governing }}', '{{ m.narrower }}');
    end if;
    {% endif -%}
  end if;
  {% endif -%}
  {% for state, _ in m.done -%}
  {% if state.choices | length > 2 -%}
  -- What is on its way goes out as it is then.
  if old.{{ state.name }} not in ('{{ state.choices[0] }}', '{{ state.choices[-1] }}') and ({{ rewritten(m.content) }})
     and {{ allowed(state.action) }} is not true then
    perform access.forbid('{{ m.governing }}', '{{ state.action }}');
  end if;
  {% endif -%}
  if old.{{ state.name }} = '{{ state.choices[-1] }}' then
    if {{ rewritten(m.sent_content) }} then
      perform access.conflict('it was sent, and what was sent is not changed any more{{ ': change a copy' if 'clone' in m.action_names }}');
    end if;
    {% if not m.sends_to -%}
    if new.{{ state.name }} is distinct from old.{{ state.name }} then
      perform access.conflict('it was sent, and that is not taken back');
    end if;
    {% endif -%}
  end if;
  {% endfor -%}
  {% if goes -%}
  if new.{{ goes.state }} is distinct from old.{{ goes.state }} or new.{{ goes.column }} is distinct from old.{{ goes.column }} then
    {% if m.sends_to -%}
    if old.{{ goes.state }} = '{{ m.gone }}' then
      perform access.conflict('it has gone to a list, and that is not taken back: send a copy');
    end if;
    {% endif -%}
    if new.{{ goes.state }} = '{{ m.gone }}' and new.{{ goes.column }} is null then
      perform access.bad_input('{{ goes.column }}', 'is required: name where it goes');
    end if;
  end if;
  {% endif -%}
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
  {%- if m.kind == 'asset' %}
  starts uuid[];
  {%- endif %}
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
  -- A row that is one's own and starts where one's rows start, or reaches fewer, needs no more.
  mask := access.reach('{{ m.name }}', 'assign');
  {%- if m.kind == 'asset' %}
  starts := access.teams_of_new_content('{{ m.name }}');
  {%- endif %}
  if exists (
    select from inserted n
     where access.{{ m.reach }}_within(mask, {{ m.reach_of('n') }}, me, keys) is not true
       and (
         n.owner_id is not distinct from me and
         {%- if m.kind == 'record' %} not n.open_to_all and n.team_id is not distinct from access.main_team_of(me)
         {%- else %} case when starts is null then n.team_ids = '{}' else n.restricted and n.team_ids <@ starts end
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
       {%- if m.narrower and action == m.column(goes.column).action %}
       and {{ narrow('n') }} is not true
       {%- endif %}
       and {% if registry.scoped(m, action) -%}
       access.{{ m.reach }}_within(mask, {{ m.reach_of('n') }}, me, keys)
       {%- else -%}
       (mask <> 0)
       {%- endif %} is not true
  ) then
    perform access.forbid('{{ m.governing }}', '{{ action }}');
  end if;
  {% endfor -%}
  {% if m.narrower -%}
  mask := access.reach('{{ m.governing }}', '{{ m.narrower }}');
  if exists (
    select from inserted n
     where (
       n.{{ goes.state }} is distinct from '{{ m.column(goes.state).default }}' or n.{{ goes.column }} is not null
     )
       and access.{{ m.reach }}_within(mask, {{ m.reach_of('n') }}, me, keys) is not true
  ) then
    perform access.forbid('{{ m.governing }}', '{{ m.narrower }}');
  end if;
  {% endif -%}
  {% if goes -%}
  if exists (select from inserted n where n.{{ goes.state }} = '{{ m.gone }}' and n.{{ goes.column }} is null) then
    perform access.bad_input('{{ goes.column }}', 'is required: name where it goes');
  end if;
  {% endif -%}
  return null;
end $$;
comment on function access_private.wall_inserted_{{ m.name }}() is
  'After insert: demands create, and every action that the new rows already are.';
