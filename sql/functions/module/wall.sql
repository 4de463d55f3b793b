{% macro within(action) -%}
  access.{{ m.kind }}_within(access.reach('{{ m.name }}', '{{ action }}'), old.owner_id, old.created_by,
    {%- if m.kind == 'record' %} old.team_key{% else %} old.restricted, old.team_ids{% endif %}, me, keys)
{%- endmacro -%}
-- Concern: which action a change of {{ m.name }} is, and whether the member holds it for this row. Row policies are the outer
-- wall and know four commands; this knows the product's. Invoker, the last of the BEFORE triggers, reads no generated
-- column of NEW (they are null there), and lets nothing pass that is not true.

create or replace function access_private.wall_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = ''
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
begin
  -- The engine acts for whom it has checked itself.
  if current_user = 'cloison_engine' then
    return coalesce(new, old);
  end if;
  if tg_op = 'INSERT' then
    if (access.reach('{{ m.name }}', 'create') <> 0) is not true then
      perform access.forbid('{{ m.name }}', 'create');
    end if;
    {% if m.kind == 'record' -%}
    if (
      new.owner_id is not distinct from me and not new.open_to_all
      and new.team_id is not distinct from access.main_team_of(me)
      or access.record_within(access.reach('{{ m.name }}', 'assign'), new.owner_id, new.created_by,
        access.team_key(new.team_id, new.open_to_all), me, keys)
    ) is not true then
      perform access.forbid('{{ m.name }}', 'assign');
    end if;
    {% else -%}
    if (
      new.owner_id is not distinct from me and not new.restricted and new.team_ids = '{}'
      or access.asset_within(access.reach('{{ m.name }}', 'assign'), new.owner_id, new.created_by,
        new.restricted, new.team_ids, me, keys)
    ) is not true then
      perform access.forbid('{{ m.name }}', 'assign');
    end if;
    if new.restricted or new.team_ids <> '{}' then
      perform access.require_partition_tier('{{ m.name }}');
    end if;
    {% endif -%}
    {% for action in m.actions if m.columns | selectattr('action', 'equalto', action.name) | list and action.name != 'update' -%}
    if ({% for column in m.columns if column.action == action.name -%}
        new.{{ column.name }} is distinct from {% if column.default is not none %}'{{ column.default }}'{% else %}null{% endif %}
        {%- if not loop.last %} or {% endif %}
        {%- endfor %})
       and access.{{ m.kind }}_within(access.reach('{{ m.name }}', '{{ action.name }}'), new.owner_id, new.created_by,
         {%- if m.kind == 'record' %} access.team_key(new.team_id, new.open_to_all)
         {%- else %} new.restricted, new.team_ids{% endif %}, me, keys) is not true then
      perform access.forbid('{{ m.name }}', '{{ action.name }}');
    end if;
    {% endfor -%}
    return new;
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
  'Before any change, after all other triggers: demands every action that the change is (mission, section 3).';
