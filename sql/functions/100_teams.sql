-- Concern: teams (T3): made and moved; and who is in them (T5).

create or replace function access_private.team_name(name text) returns text
  language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
begin
  if nullif(trim(name), '') is null or char_length(trim(name)) > 200 then
    perform access.bad_input('name', 'a team has a name of up to 200 characters');
  end if;
  return trim(name);
end $$;
comment on function access_private.team_name(text) is 'The name as a team is given it; U0400 where it is none.';

create or replace function access.create_team(account uuid, name text, parent uuid default null) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  team uuid := access.uuid_v7();
begin
  perform access_private.authorize(account, 'teams');
  name := access_private.team_name(name);
  if parent is not null then
    perform access_private.require_team(account, parent);
  end if;
  insert into access.team (account_id, id, name) values (account, team, create_team.name);
  if parent is not null then
    insert into access.team_edge (account_id, team_id, parent_id) values (account, team, parent);
  end if;
  return team;
end $$;
comment on function access.create_team(uuid, text, uuid) is 'A new team, below another or at the top.';

-- Moving a team widens the reach of everybody above its new place.
create or replace function access_private.bound_tree(team uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' and team <> all (access.team_keys())
     and not access_private.holds_everything() then
    perform access.forbid('teams', 'configure');
  end if;
end $$;
comment on function access_private.bound_tree(uuid) is
  'Refuses to move teams that the administering member does not reach, unless he holds everything (C6, T4).';

create or replace function access_private.cells_of_team(account uuid, team uuid) returns text[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select cell from access.team_role tr, unnest(access_private.role_cells(account, tr.role_id)) as cell
       where tr.account_id = account and tr.team_id = team and tr.valid @> clock_timestamp()
    );
  end;
comment on function access_private.cells_of_team(uuid, uuid) is 'What the roles of a team hold, as module:action:scope (C4).';

-- One statement: profiles are computed once, from where everything ends up, and nobody reaches neither place in between.
create or replace function access_private.place_teams(account uuid, teams uuid[], parents uuid[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
  begun bigint;
begin
  with wanted as (
    select w.team_id, w.parent_id from unnest(teams, parents) as w (team_id, parent_id)
     where w.parent_id is distinct from (
       select e.parent_id from access.team_edge e
        where e.account_id = account and e.team_id = w.team_id and e.valid @> present
     )
  ),
  ended as (
    update access.team_edge e set valid = tstzrange(lower(e.valid), present) from wanted w
     where e.account_id = account and e.team_id = w.team_id and e.valid @> present
    returning e.team_id
  ),
  changed as (
    insert into access.team_edge (account_id, team_id, parent_id, valid)
      select account, w.team_id, w.parent_id, tstzrange(present, null)
        from wanted w left join ended e on e.team_id = w.team_id
       where w.parent_id is not null
    returning team_id
  )
  select count(*) into begun from changed;
end $$;
comment on function access_private.place_teams(uuid, uuid[], uuid[]) is
  'Puts each of some teams below the parent at the same place of the other array, or at the top (null).';

create or replace function access_private.below_itself(account uuid, teams uuid[], parents uuid[]) returns uuid
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    with recursive edge as (
      select w.team_id, w.parent_id from unnest(teams, parents) as w (team_id, parent_id) where w.parent_id is not null
      union all
      select e.team_id, e.parent_id from access.team_edge e
       where e.account_id = account and e.valid @> clock_timestamp() and e.team_id <> all (teams)
    ),
    walk as (
      select e.team_id, e.parent_id from edge e where e.team_id = any (teams)
      union
      select w.team_id, e.parent_id from walk w join edge e on e.team_id = w.parent_id
    )
    select w.team_id from walk w where w.team_id = w.parent_id order by w.team_id limit 1
  );
end $$;
comment on function access_private.below_itself(uuid, uuid[], uuid[]) is
  'One of some teams that would stand below itself, were each below the parent at its place; null for none.';

create or replace function access.move_team(account uuid, team uuid, parent uuid, out former_parent uuid) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'teams');
  perform access_private.require_team(account, team);
  perform access_private.bound_tree(team);
  if parent is not null then
    perform access_private.require_team(account, parent);
    perform access_private.bound_tree(parent);
    if access_private.below_itself(account, array[team], array[parent]) is not null then
      perform access.bad_input('parent', 'a team cannot stand below itself');
    end if;
  end if;
  former_parent := access_private.parent_of(account, team);
  perform access_private.place_teams(account, array[team], array[parent]);
end $$;
comment on function access.move_team(uuid, uuid, uuid) is
  'Puts a team below another, or at the top (null); below which it was.';

create or replace function access.join_team(account uuid, member uuid, team uuid, is_main boolean default false) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_member(account, member);
  perform access_private.require_team(account, team);
  perform access_private.bound_self(member);
  perform access_private.bound_member(account, member);
  perform access_private.bound_cells(access_private.cells_of_team(account, team));
  present := clock_timestamp();
  if is_main then
    update access.team_member t set valid = tstzrange(lower(t.valid), present)
     where t.account_id = account and t.user_id = member and t.is_main and t.valid @> present;
  end if;
  update access.team_member t set valid = tstzrange(lower(t.valid), present)
   where t.account_id = account and t.user_id = member and t.team_id = team and t.valid @> present;
  insert into access.team_member (account_id, user_id, team_id, is_main, valid)
  values (account, member, team, join_team.is_main, tstzrange(present, null));
end $$;
comment on function access.join_team(uuid, uuid, uuid, boolean) is
  'Puts a member into a team, as his main team or as an extra one (T5).';

create or replace function access.leave_team(account uuid, member uuid, team uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_member(account, member);
  perform access_private.bound_member(account, member);
  present := clock_timestamp();
  update access.team_member t set valid = tstzrange(lower(t.valid), present)
   where t.account_id = account and t.user_id = member and t.team_id = team and t.valid @> present;
  if not found then
    perform access.not_found('teams');
  end if;
end $$;
comment on function access.leave_team(uuid, uuid, uuid) is 'Takes a member out of a team.';
