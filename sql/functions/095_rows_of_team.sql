{% macro held(m) -%}
  {% if m.kind == 'record' %}t.team_id = team{% else %}team = any (t.team_ids){% endif %}
{%- endmacro -%}
-- Concern: what a team holds, over all modules (T3), and where that goes.

create or replace function access_private.rows_of_team(account uuid, team uuid) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select nullif(concat_ws(', ',
             string_agg(held.seen || ' ' || held.module, ', ' order by held.module) filter (where held.seen > 0),
             case when bool_or(held.rows > held.seen) then 'rows that you may not see' end
           ), '')
      from (
        {% for m in registry.modules if m.kind in ('record', 'asset') -%}
        select '{{ m.name }}' as module, count(*) as rows,
               count(*) filter (
                 where session_user <> 'cloison_gateway' or access.{{ m.reach }}_within(
                   access.reach('{{ m.name }}', 'view'), {{ m.reach_of('t') }}, access.user_id(), access.team_keys()
                 )
               ) as seen
          from crm.{{ m.name }} t where t.account_id = account and {{ held(m) }}
        {% if not loop.last %}union all
        {% endif %}
        {%- endfor %}
      ) held
     where held.rows > 0;
  end;
comment on function access_private.rows_of_team(uuid, uuid) is
  'Rows assigned to a team in words, counted by module as far as the session sees them; null for none.';

-- As if each row were assigned by hand: what the member may not assign keeps the team from being emptied.
create or replace function access_private.move_rows_of_team(account uuid, team uuid, target uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  bound boolean := session_user = 'cloison_gateway';
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
begin
  {% for m in registry.modules if m.kind in ('record', 'asset') -%}
  -- In the order of their ids, as everybody who changes many rows.
  perform from crm.{{ m.name }} t where t.account_id = account and {{ held(m) }} order by t.id for update;
  if found then
    if bound and exists (
      select from crm.{{ m.name }} t
       where t.account_id = account and {{ held(m) }}
         and not access.{{ m.reach }}_within(access.reach('{{ m.name }}', 'assign'), {{ m.reach_of('t') }}, me, keys)
    ) then
      perform access.forbid('{{ m.name }}', 'assign');
    end if;
    {% if m.kind == 'record' -%}
    update crm.{{ m.name }} t set team_id = target where t.account_id = account and {{ held(m) }};
    {% else -%}
    if bound then
      perform access.require_partition_tier('{{ m.name }}');
    end if;
    update crm.{{ m.name }} t
       set team_ids = array(select distinct case when x = team then target else x end as id from unnest(t.team_ids) x order by id)
     where t.account_id = account and {{ held(m) }};
    {% endif -%}
  end if;
  {% endfor -%}
end $$;
comment on function access_private.move_rows_of_team(uuid, uuid, uuid) is
  'Assigns the rows of a team to another one; U0403 where the administering member may not assign one of them (O5).';
