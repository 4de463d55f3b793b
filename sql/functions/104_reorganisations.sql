-- Concern: a reorganisation: many teams that change place at once, and the way back, from the history of access.

-- moves: [{"team": uuid, "parent": uuid or null}, ...].
create or replace function access.move_teams(account uuid, moves jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  moved uuid[];
  targets uuid[];
  parents uuid[];
  looped uuid;
  each record;
begin
  perform access_private.authorize(account, 'teams');
  select array_agg((x.move ->> 'team')::uuid order by x.place), array_agg((x.move ->> 'parent')::uuid order by x.place)
    into moved, targets
    from jsonb_array_elements(moves) with ordinality as x (move, place);
  if moved is null then
    perform access.bad_input('moves', 'at least one team is moved');
  end if;
  if (select count(distinct t) from unnest(moved) as t) < cardinality(moved) then
    perform access.bad_input('moves', 'each team is moved once, and is named');
  end if;
  for each in select t as team, p as parent from unnest(moved, targets) as x (t, p) loop
    perform access_private.require_team(account, each.team);
    perform access_private.bound_tree(each.team);
    if each.parent is not null then
      perform access_private.require_team(account, each.parent);
      perform access_private.bound_tree(each.parent);
    end if;
  end loop;
  looped := access_private.below_itself(account, moved, targets);
  if looped is not null then
    perform access.bad_input('moves', format('%s would stand below itself', access_private.names_of_teams(account, array[looped])));
  end if;
  parents := access_private.parents_of(account, moved, targets);
  perform access_private.place_teams(account, moved, targets);
  return jsonb_build_object('batch', access_private.batch(), 'moved', moved, 'parents', parents);
end $$;
comment on function access.move_teams(uuid, jsonb) is
  'Puts teams below others, or at the top, all at once: what counts is where they end up (T3, T4). The batch as the history has it, the teams, and all teams of which what stands below them may have changed.';

create or replace function access_private.names_of_teams(account uuid, teams uuid[]) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select string_agg(t.name, ', ' order by t.name)
      from (select x.name from access.team x where x.account_id = account and x.id = any (teams) order by x.name limit 10) t;
  end;
comment on function access_private.names_of_teams(uuid, uuid[]) is 'The names of some teams, of ten at most, in one line.';

create or replace function access_private.parent_of(account uuid, team uuid) returns uuid
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select e.parent_id from access.team_edge e
     where e.account_id = account and e.team_id = parent_of.team and e.valid @> clock_timestamp();
  end;
comment on function access_private.parent_of(uuid, uuid) is 'The team below which a team stands now; null at the top.';

create or replace function access_private.parents_of(account uuid, teams uuid[], targets uuid[]) returns uuid[]
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select e.parent_id as id from access.team_edge e
       where e.account_id = account and e.team_id = any (teams) and e.valid @> clock_timestamp()
      union
      select target.id from unnest(targets) target (id) where target.id is not null
      order by id
    );
  end;
comment on function access_private.parents_of(uuid, uuid[], uuid[]) is
  'The teams below which some teams stand now, and those below which they shall stand.';

-- What it did is read from the history, not from what somebody says that he did.
create or replace function access.undo_reorganisation(account uuid, undone uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  moved uuid[];
  targets uuid[];
  parents uuid[];
  looped uuid;
  led_to uuid[];
  astray uuid[];
  each record;
begin
  perform access_private.authorize(account, 'teams');
  -- A transaction may have moved a team more than once.
  select array_agg(m.team_id order by m.team_id), array_agg(m.former order by m.team_id), array_agg(m.latter order by m.team_id)
    into moved, targets, led_to
    from (
      select l.team_id,
             (array_agg(l.before ->> 'parent_id' order by l.at, l.id))[1]::uuid as former,
             (array_agg(l.after ->> 'parent_id' order by l.at desc, l.id desc))[1]::uuid as latter
        from access.access_log l
       where l.account_id = account and l.batch = undone and l.kind = 'team_edge'
       group by l.team_id
    ) m;
  if moved is null then
    perform access.not_found('teams', 'undone');
  end if;
  if exists (
    select from access.access_log l where l.account_id = account and l.batch = undone and l.kind <> 'team_edge'
  ) then
    perform access.bad_input('undone', 'this did more than move teams, and is not undone as a whole');
  end if;
  -- Who reaches them all may know what keeps them where they are.
  for each in
    select t.id from access.team t
     where t.account_id = account and t.id = any (moved || targets) and t.deleted_at is null order by t.id
  loop
    perform access_private.bound_tree(each.id);
  end loop;
  astray := array(
    select t from unnest(moved, targets, led_to) as x (t, former, latter)
     where access_private.parent_of(account, t) is distinct from latter
        or not exists (select from access.team k where k.account_id = account and k.id = t and k.deleted_at is null)
  );
  if cardinality(astray) > 0 then
    perform access.conflict(format(
      'these teams are not any more where that put them: %s; nothing is moved', access_private.names_of_teams(account, astray)
    ));
  end if;
  astray := array(
    select former from unnest(targets) as former
     where exists (select from access.team k where k.account_id = account and k.id = former and k.deleted_at is not null)
  );
  if cardinality(astray) > 0 then
    perform access.conflict(format(
      'these teams, below which some stood, are gone: %s; nothing is moved', access_private.names_of_teams(account, astray)
    ));
  end if;
  looped := access_private.below_itself(account, moved, targets);
  if looped is not null then
    perform access.conflict(format(
      '%s would stand below itself now; nothing is moved', access_private.names_of_teams(account, array[looped])
    ));
  end if;
  parents := access_private.parents_of(account, moved, targets);
  perform access_private.place_teams(account, moved, targets);
  return jsonb_build_object('batch', access_private.batch(), 'moved', moved, 'parents', parents);
end $$;
comment on function access.undo_reorganisation(uuid, uuid) is
  'Puts the teams that one transaction moved back to where they were, if they are where it put them and it did nothing else; itself a reorganisation. U0404 for what moved no team, U0409 names the teams that are elsewhere or gone.';
