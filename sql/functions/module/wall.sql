{% macro within(action) -%}
  access.{{ m.kind }}_within(access.reach('{{ m.name }}', '{{ action }}'), old.owner_id, old.created_by,
    {%- if m.kind == 'record' %} old.team_key{% else %} old.restricted, old.team_ids{% endif %}, me, keys)
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
    if {{ within('delete') }} is not true then
      perform access.forbid('{{ m.name }}', 'delete');
    end if;
    return old;
  end if;
  {% if m.kind == 'record' -%}
  if (new.account_id, new.id, new.created_by, new.created_at, new.owner_id, new.team_id, new.open_to_all)
     is distinct from (old.account_id, old.id, old.created_by, old.created_at, old.owner_id, old.team_id, old.open_to_all) then
  {% else -%}
  if (new.account_id, new.id, new.created_by, new.created_at, new.owner_id, new.team_ids, new.restricted)
     is distinct from (old.account_id, old.id, old.created_by, old.created_at, old.owner_id, old.team_ids, old.restricted) then
  {% endif -%}
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  {% for action in m.actions if m.columns | selectattr('action', 'equalto', action.name) | list -%}
  if ({% for column in m.columns if column.action == action.name -%}
      new.{{ column.name }} is distinct from old.{{ column.name }}
      {%- if not loop.last %} or {% endif %}
      {%- endfor %})
     and {{ within(action.name) }} is not true then
    perform access.forbid('{{ m.name }}', '{{ action.name }}');
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
  if (access.reach('{{ m.name }}', 'create') <> 0) is not true then
    perform access.forbid('{{ m.name }}', 'create');
  end if;
  -- A row that is one's own and starts where one's rows start needs no more.
  mask := access.reach('{{ m.name }}', 'assign');
  {% if m.kind == 'record' -%}
  if exists (
    select from inserted n
     where access.record_within(mask, n.owner_id, n.created_by, n.team_key, me, keys) is not true
       and (
         n.owner_id is not distinct from me and not n.open_to_all
         and n.team_id is not distinct from access.main_team_of(me)
       ) is not true
  ) then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  {% else -%}
  if exists (
    select from inserted n
     where access.asset_within(mask, n.owner_id, n.created_by, n.restricted, n.team_ids, me, keys) is not true
       and (n.owner_id is not distinct from me and n.team_ids = '{}') is not true
  ) then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  if exists (select from inserted n where n.restricted or n.team_ids <> '{}') then
    perform access.require_partition_tier('{{ m.name }}');
  end if;
  {% endif -%}
  {% for action in m.actions if m.columns | selectattr('action', 'equalto', action.name) | list and action.name != 'update' -%}
  mask := access.reach('{{ m.name }}', '{{ action.name }}');
  if exists (
    select from inserted n
     where (
       {%- for column in m.columns if column.action == action.name %}
       n.{{ column.name }} is distinct from {% if column.default is not none %}'{{ column.default }}'{% else %}null{% endif %}
       {%- if not loop.last %} or{% endif %}
       {%- endfor %}
     )
       {% if m.kind == 'record' -%}
       and access.record_within(mask, n.owner_id, n.created_by, n.team_key, me, keys) is not true
       {% else -%}
       and access.asset_within(mask, n.owner_id, n.created_by, n.restricted, n.team_ids, me, keys) is not true
       {% endif -%}
  ) then
    perform access.forbid('{{ m.name }}', '{{ action.name }}');
  end if;
  {% endfor -%}
  return null;
end $$;
comment on function access_private.wall_inserted_{{ m.name }}() is
  'After insert: demands create, and every action that the new rows already are.';
