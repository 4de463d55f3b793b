{% import 'rules/assign.jinja' as rules -%}
{% set record = m.kind == 'record' -%}
{%- macro after() -%}
(
      select case when sets_owner then new_owner else t.owner_id end as owner_id
    ) o, lateral (
      select o.owner_id,
      {%- if record %}
             {{ rules.team_after('t', 'o.owner_id', 'followed') }} as team_id,
             {{ rules.open_after('t') }} as open_to_all
      {%- else %}
             case
               when new_teams is null or team_mode = 'replace' and {{ rules.same_teams('t', 'new_teams') }} then t.team_ids
               when team_mode = 'replace' then new_teams
               when team_mode = 'add' and not new_teams <@ t.team_ids then
                 array(select distinct x from unnest(t.team_ids || new_teams) as x order by x)
               when team_mode = 'remove' and new_teams && t.team_ids then
                 array(select x from unnest(t.team_ids) as x where x <> all (new_teams) order by x)
               else t.team_ids
             end as team_ids,
             coalesce(new_restricted, t.restricted) as restricted
      {%- endif %}
    ) n
{%- endmacro -%}
-- Concern: handing over many rows of {{ m.name }} (O5), set by set and not row by row. What is asked of each row is what is asked of
-- one (assign.sql), by the same rules.
{% if m.kind in ('record', 'asset') and 'assign' in m.action_names %}
create or replace function access_private.assign_rows_of_{{ m.name }}(change jsonb, row_ids uuid[]) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  mask integer := access.reach('{{ m.name }}', 'assign');
  view integer := access.reach('{{ m.name }}', 'view');
  shared_ids uuid[] := case when view & 32 <> 0 then access.shared_rows('{{ m.name }}', 'view') else '{}' end;
  sets_owner boolean := change ? 'owner';
  new_owner uuid := (change ->> 'owner')::uuid;
  {% if record -%}
  new_team uuid := (change ->> 'team')::uuid;
  new_open boolean := (change ->> 'open')::boolean;
  followed uuid := access.main_team_of(new_owner);
  {% else -%}
  team_mode text := coalesce(change ->> 'mode', 'replace');
  new_teams uuid[] := access_private.teams_in(change);
  new_restricted boolean := (change ->> 'restricted')::boolean;
  tier text := access_private.missing_tier('{{ m.name }}');
  beneath_ids uuid[] := '{}';
  {% endif -%}
  held_ids uuid[];
  own_ids uuid[];
  placed_ids uuid[];
  changed_rows bigint;
  hidden_rows bigint;
  seen_ids uuid[];
begin
  -- In the order of their ids, so that two who assign the same rows wait for each other in turn. What is hidden is not locked:
  -- who waits for a lock learns that there is something.
  held_ids := array(
    select t.id from crm.{{ m.name }} t
     where t.account_id = access.account_id() and t.id = any (row_ids)
       and ({{ rules.seen(m, 't') }} or t.id = any (shared_ids))
     order by t.id
       for update
  );
  own_ids := array(
    select t.id from crm.{{ m.name }} t
     where t.account_id = access.account_id() and t.id = any (held_ids)
       and {{ rules.assignable(m, 't') }}
  );
  if sets_owner and new_owner is not null and not access_private.is_known_active(new_owner) and exists (
    select from crm.{{ m.name }} t
     where t.account_id = access.account_id() and t.id = any (own_ids) and t.owner_id is distinct from new_owner
  ) then
    perform access.not_found('users', 'owner_id');
  end if;
  {% if record -%}
  if new_team is not null and own_ids <> '{}' and not access_private.is_known_team(new_team, mask) then
    perform access.not_found('teams', 'team_id');
  end if;
  placed_ids := array(
    select t.id from crm.{{ m.name }} t, lateral {{ after() }}
     where t.account_id = access.account_id() and t.id = any (own_ids)
       and {{ rules.record_may_go('t', 'n.owner_id', 'n.team_id', 'n.open_to_all') }}
  );
  {% else -%}
  if team_mode <> 'remove' and exists (
    select from unnest(new_teams) as given (team)
     where not access_private.is_known_team(given.team, mask) and exists (
       select from crm.{{ m.name }} t
        where t.account_id = access.account_id() and t.id = any (own_ids)
          and (given.team is null or given.team <> all (t.team_ids))
     )
  ) then
    perform access.not_found('teams', 'team_ids');
  end if;
  if tier is not null then
    beneath_ids := array(
      select t.id from crm.{{ m.name }} t, lateral {{ after() }}
       where t.account_id = access.account_id() and t.id = any (own_ids)
         and {{ rules.needs_tier('t', 'n.team_ids', 'n.restricted') }}
    );
  end if;
  placed_ids := array(
    select t.id from crm.{{ m.name }} t, lateral {{ after() }}
     where t.account_id = access.account_id() and t.id = any (own_ids) and t.id <> all (beneath_ids)
       and {{ rules.asset_may_go('t', 'n.owner_id', 'n.team_ids', 'n.restricted') }}
  );
  {% endif -%}
  with done as (
    update crm.{{ m.name }} t set {% for column in m.own_columns %}{{ column }} = n.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
      from (
        select t.id, {{ m.own_of('n') }} from crm.{{ m.name }} t, lateral {{ after() }}
         where t.account_id = access.account_id() and t.id = any (placed_ids)
           and ({{ m.own_of('n') }}) is distinct from ({{ m.own_of('t') }})
      ) n
     where t.account_id = access.account_id() and t.id = n.id
    returning t.id, {{ rules.seen(m, 't') }} or t.id = any (shared_ids) as seen
  )
  select count(*), count(*) filter (where not d.seen), coalesce(array_agg(d.id order by d.id) filter (where d.seen), '{}')
    into changed_rows, hidden_rows, seen_ids
    from done d;
  return jsonb_build_object(
    'module', '{{ m.name }}', 'type', '{{ m.type_name }}',
    'changed', changed_rows, 'unchanged', cardinality(placed_ids) - changed_rows, 'hidden', hidden_rows,
    'ids', seen_ids
  ) || access_private.refusals_among(row_ids, held_ids, placed_ids, {{ 'null, null' if record else 'beneath_ids, tier' }});
end $$;
comment on function access_private.assign_rows_of_{{ m.name }}(jsonb, uuid[]) is
  'Hands over the rows that the session may hand over, and says how many and which (of those that it still sees) it changed, and which it refused.';
{% endif %}
