-- Concern: what becomes of teams: renamed, emptied into another, merged, deleted (T3); and which is a member's main one (T5).

create or replace function access.rename_team(account uuid, team uuid, name text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'teams');
  perform access_private.require_team(account, team);
  update access.team t set name = access_private.team_name(rename_team.name) where t.account_id = account and t.id = team;
end $$;
comment on function access.rename_team(uuid, uuid, text) is 'Gives a team another name.';

create or replace function access.set_main_team(account uuid, member uuid, team uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
  begun bigint;
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_member(account, member);
  perform access_private.bound_self(member);
  perform access_private.bound_member(account, member);
  present := clock_timestamp();
  if team is not null and not exists (
    select from access.team_member t
     where t.account_id = account and t.user_id = member and t.team_id = team and t.valid @> present
  ) then
    perform access.not_found('teams', 'team');
  end if;
  with ended as (
    update access.team_member t set valid = tstzrange(lower(t.valid), present)
     where t.account_id = account and t.user_id = member and t.valid @> present
       and t.is_main is distinct from (t.team_id is not distinct from team)
    returning t.team_id, t.is_main
  ),
  changed as (
    insert into access.team_member (account_id, user_id, team_id, is_main, valid)
      select account, member, e.team_id, not e.is_main, tstzrange(present, null) from ended e
       -- Sorted, so that both have ended before the first of them begins anew.
       order by e.is_main desc
    returning team_id
  )
  select count(*) into begun from changed;
end $$;
comment on function access.set_main_team(uuid, uuid, uuid) is
  'Makes one of a member''s teams the main one, the former main one an extra one; null: none is the main one (T5).';

-- The tree alone says where a team stands; what stands below it would stand below itself.
create or replace function access_private.require_target(account uuid, team uuid, target uuid, field text) returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from access.team t where t.account_id = account and t.id = target and t.deleted_at is null
  ) then
    perform access.not_found('teams', field);
  end if;
  if exists (
    select from access_private.team_closure c
     where c.account_id = account and c.ancestor_id = team and c.descendant_id = target
  ) then
    perform access.bad_input(field, 'the team itself, or one below it, cannot take over what it holds');
  end if;
end $$;
comment on function access_private.require_target(uuid, uuid, uuid, text) is
  'U0404 unless the account has the team that shall take over, U0400 where it goes or moves with the other.';

-- In one statement for each kind of fact: between two, the members would reach neither team.
create or replace function access_private.empty_team(account uuid, team uuid, target uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
  begun bigint;
  mover uuid;
begin
  perform access_private.move_rows_of_team(account, team, target);
  for mover in
    select t.user_id from access.team_member t
     where t.account_id = account and t.team_id = team and t.valid @> clock_timestamp() order by t.user_id
  loop
    if session_user = 'cloison_gateway' and access.reach('users', 'configure') = 0 then
      perform access.forbid('users', 'configure');
    end if;
    perform access_private.bound_member(account, mover);
    perform access_private.bound_cells(access_private.cells_of_team(account, target));
  end loop;
  present := clock_timestamp();
  with ended as (
    update access.team_edge e set valid = tstzrange(lower(e.valid), present)
     where e.account_id = account and e.parent_id = team and e.valid @> present
    returning e.team_id
  ),
  changed as (
    insert into access.team_edge (account_id, team_id, parent_id, valid)
      select account, e.team_id, target, tstzrange(present, null) from ended e
    returning team_id
  )
  select count(*) into begun from changed;
  -- Main stays main, and who is in both is in one of them.
  with ended as (
    update access.team_member t set valid = tstzrange(lower(t.valid), present)
     where t.account_id = account and t.valid @> present
       and (
         t.team_id = team
         or t.team_id = target and exists (
           select from access.team_member m
            where m.account_id = account and m.user_id = t.user_id and m.team_id = team and m.is_main and m.valid @> present
         )
       )
    returning t.user_id, t.is_main
  ),
  changed as (
    insert into access.team_member (account_id, user_id, team_id, is_main, valid)
      select account, e.user_id, target, bool_or(e.is_main), tstzrange(present, null) from ended e
       group by e.user_id
      having bool_or(e.is_main) or not exists (
        select from access.team_member m
         where m.account_id = account and m.user_id = e.user_id and m.team_id = target and m.valid @> present
      )
    returning user_id
  )
  select count(*) into begun from changed;
end $$;
comment on function access_private.empty_team(uuid, uuid, uuid) is
  'Puts the rows, the members and the teams below one team into another, as if by hand, one by one (T3, G1).';

create or replace function access_private.close_team(account uuid, team uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
begin
  update access.team_edge e set valid = tstzrange(lower(e.valid), present)
   where e.account_id = account and e.team_id = team and e.valid @> present;
  update access.team t set deleted_at = present where t.account_id = account and t.id = team;
end $$;
comment on function access_private.close_team(uuid, uuid) is 'Ends a team that holds nothing.';

create or replace function access_private.members_of(account uuid, teams uuid[]) returns uuid[]
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select distinct t.user_id from access.team_member t
       where t.account_id = account and t.team_id = any (teams) and t.valid @> clock_timestamp()
       order by t.user_id
    );
  end;
comment on function access_private.members_of(uuid, uuid[]) is 'Who is in some teams now.';

create or replace function access.delete_team(account uuid, team uuid, move_to uuid default null) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  former_parent uuid;
  members uuid[];
  handed jsonb := access_private.nothing_handed_on();
  held text;
begin
  perform access_private.authorize(account, 'teams');
  perform access_private.require_team(account, team);
  perform access_private.bound_tree(team);
  former_parent := access_private.parent_of(account, team);
  members := access_private.members_of(account, array[team]);
  if move_to is not null then
    perform access_private.require_target(account, team, move_to, 'move_to');
    perform access_private.bound_tree(move_to);
    handed := access_private.take_over(account, team, move_to);
  end if;
  held := access_private.held_by_team(account, team);
  if held is not null then
    perform access.conflict(format('the team holds %s; move them first, or say where they go', held));
  end if;
  perform access_private.close_team(account, team);
  return handed || jsonb_build_object('former_parent', former_parent, 'members', members);
end $$;
comment on function access.delete_team(uuid, uuid, uuid) is
  'Deletes a team; all that it holds goes to another one, and if none is named U0409 says what that is (T3). Below which it was, who was in it, and what was handed on.';

create or replace function access.merge_teams(account uuid, teams uuid[], into_team uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  parents uuid[];
  members uuid[];
  handed jsonb := access_private.nothing_handed_on();
  merged uuid;
begin
  perform access_private.authorize(account, 'teams');
  perform access_private.require_team(account, into_team);
  perform access_private.bound_tree(into_team);
  if coalesce(cardinality(teams), 0) = 0 then
    perform access.bad_input('teams', 'at least one team goes into the other');
  end if;
  foreach merged in array teams loop
    perform access_private.require_team(account, merged);
    perform access_private.bound_tree(merged);
    perform access_private.require_target(account, merged, into_team, 'into_team');
  end loop;
  parents := access_private.parents_of(account, teams, '{}');
  members := access_private.members_of(account, teams);
  for merged in select distinct x from unnest(teams) as x order by x loop
    handed := access_private.handed_on_too(handed, access_private.take_over(account, merged, into_team));
    perform access_private.close_team(account, merged);
  end loop;
  return handed || jsonb_build_object('parents', parents, 'members', members);
end $$;
comment on function access.merge_teams(uuid, uuid[], uuid) is
  'Puts all that teams hold into another one, and deletes them (T3, C4). Below which they were, who was in them, and what was handed on.';
