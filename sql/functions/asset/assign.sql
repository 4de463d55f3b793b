{% import 'rules/assign.jinja' as rules -%}
-- Concern: handing over a row of {{ m.name }} and restricting it to teams (O3, O5); the engine does it, as for records.

create or replace function access.assign_{{ m.name }}(
  row_id uuid, new_owner uuid, new_teams uuid[] default null, new_restricted boolean default null
) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  mask integer := access.reach('{{ m.name }}', 'assign');
  view integer := access.reach('{{ m.name }}', 'view');
  old crm.{{ m.name }};
  teams uuid[];
  is_restricted boolean;
begin
  -- What is hidden is not locked: who waits for a lock learns that there is something.
  select * into old from crm.{{ m.name }} t
   where t.account_id = access.account_id() and t.id = row_id
     and (
       {{ rules.seen(m, 't') }}
       or access.is_shared('{{ m.name }}', 'view', '{{ m.name }}', t.id)
     )
     for update;
  if not found then
    perform access.not_found('{{ m.name }}');
  end if;
  if not {{ rules.assignable(m, 'old') }} then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  if new_owner is distinct from old.owner_id and new_owner is not null
     and not access_private.is_known_active(new_owner) then
    perform access.not_found('users', 'owner_id');
  end if;
  teams := case
    when new_teams is null or {{ rules.same_teams('old', 'new_teams') }} then old.team_ids
    else array(select distinct x from unnest(new_teams) as x order by x)
  end;
  is_restricted := coalesce(new_restricted, old.restricted);
  if exists (
    select from unnest(teams) as team
     where (team is null or team <> all (old.team_ids)) and not access_private.is_known_team(team, mask)
  ) then
    perform access.not_found('teams', 'team_ids');
  end if;
  if {{ rules.needs_tier('old', 'teams', 'is_restricted') }} then
    perform access.require_partition_tier('{{ m.name }}');
  end if;
  if not {{ rules.asset_may_go('old', 'new_owner', 'teams', 'is_restricted') }} then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  update crm.{{ m.name }} t set owner_id = new_owner, team_ids = teams, restricted = is_restricted
   where t.account_id = old.account_id and t.id = old.id;
  return access.asset_within(view, new_owner, old.created_by, is_restricted, teams, me, keys)
    or access.is_shared('{{ m.name }}', 'view', '{{ m.name }}', old.id);
end $$;
comment on function access.assign_{{ m.name }}(uuid, uuid, uuid[], boolean) is
  'Gives a row to an owner (null: nobody), assigns it to exactly these teams, restricts or opens it; whether the caller still sees it.';
