-- Concern: all that a team holds (T3), and how the part of it that is neither rows nor people goes to another team: shares (O8),
-- roles that are attached to it (C4), and invitations that name it (T10).

create or replace function access_private.shares_of_team(account uuid, team uuid) returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select nullif(concat_ws(', ',
             nullif(count(*) filter (where x.known), 0) || ' shares',
             case when bool_or(not x.known) then 'shares that you may not see' end
           ), '')
      from (
        select coalesce(access_private.knows_share(s), false) as known from access.share s
         where s.account_id = account and s.team_id = team and s.valid @> clock_timestamp()
      ) x
  );
end $$;
comment on function access_private.shares_of_team(uuid, uuid) is
  'What is shared with a team in words, counted as far as the session may know; null for nothing.';

create or replace function access_private.open_invitations(
  account uuid, team uuid default null, role uuid default null
) returns setof access.invitation
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select i.* from access.invitation i
     where i.account_id = account and (i.main_team_id = team or team = any (i.team_ids) or i.role_id = open_invitations.role)
       and i.accepted_at is null and i.revoked_at is null and i.expires_at > clock_timestamp();
  end;
comment on function access_private.open_invitations(uuid, uuid, uuid) is
  'Invitations that can be accepted now and name a team, or a role.';

create or replace function access_private.held_by_team(account uuid, team uuid) returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(concat_ws(', ',
    (select nullif(count(*), 0) || ' teams below it' from access.team_edge e
      where e.account_id = account and e.parent_id = team and e.valid @> clock_timestamp()),
    (select nullif(count(*), 0) || ' members' from access.team_member t
      where t.account_id = account and t.team_id = team and t.valid @> clock_timestamp()),
    access_private.rows_of_team(account, team),
    access_private.shares_of_team(account, team),
    (select nullif(count(*), 0) || ' attached roles' from access.team_role r
      where r.account_id = account and r.team_id = team and r.valid @> clock_timestamp()),
    (select nullif(count(*), 0) || ' open invitations' from access_private.open_invitations(account, team => team))
  ), '');
end $$;
comment on function access_private.held_by_team(uuid, uuid) is
  'All that a team holds, in words; null for a team that holds nothing (T3).';

create or replace function access_private.shares_that_may_go(account uuid, team uuid, target uuid)
  returns table (share_id uuid, instead uuid, actions text[], until timestamptz)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  shared_module text;
begin
  for shared_module in
    select distinct s.module from access.share s
     where s.account_id = account and s.team_id = team and s.valid @> clock_timestamp() order by s.module
  loop
    case shared_module
      {% for m in registry.modules if m.kind in ('record', 'asset') -%}
      when '{{ m.name }}' then
        return query select g.* from access_private.shares_that_may_go_of_{{ m.name }}(account, team, target) g;
      {% endfor -%}
    end case;
  end loop;
end $$;
comment on function access_private.shares_that_may_go(uuid, uuid, uuid) is
  'What is shared with a team and may be shared with another instead: the share of the other that it replaces, for which actions (none: it has them already), and until when.';

-- The rows are not locked: a share outlives a hand-over, and who deletes shared rows waits for the account.
create or replace function access_private.hand_on_shares(account uuid, team uuid, target uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  going jsonb;
  ending bigint := (
    select count(*) from access.share s where s.account_id = account and s.team_id = team and s.valid @> clock_timestamp()
  );
  moved bigint;
  present timestamptz;
begin
  if ending = 0 then
    return jsonb_build_object('shares_moved', 0, 'shares_ended', 0);
  end if;
  going := coalesce((select jsonb_agg(to_jsonb(g)) from access_private.shares_that_may_go(account, team, target) g), '[]');
  moved := jsonb_array_length(going);
  update access.share s
     set valid = tstzrange(lower(s.valid), greatest(clock_timestamp(), lower(s.valid))), ended_by = access_private.actor()
   where s.account_id = account and s.valid @> clock_timestamp()
     and (
       s.team_id = team
       or s.id in (
         select g.instead from jsonb_to_recordset(going) g (instead uuid, actions text[]) where g.instead is not null and g.actions <> '{}'
       )
     );
  -- Not before the others have ended.
  present := clock_timestamp();
  insert into access.share (account_id, module, row_id, team_id, actions, reason, given_by, valid)
    select account, s.module, s.row_id, target, g.actions, s.reason, coalesce(access_private.actor(), s.given_by),
           tstzrange(present, g.until)
      from jsonb_to_recordset(going) g (share_id uuid, actions text[], until timestamptz)
      join access.share s on s.account_id = account and s.id = g.share_id
     where g.actions <> '{}' and (g.until is null or g.until > present)
    on conflict do nothing;
  if ending > moved then
    perform access_private.note(
      'SHARES_END', null, ending - moved, format(
        'Of %s shares with the team %s end: you may not share these rows with the other team.', ending, ending - moved
      )
    );
  end if;
  return jsonb_build_object('shares_moved', moved, 'shares_ended', ending - moved);
end $$;
comment on function access_private.hand_on_shares(uuid, uuid, uuid) is
  'Shares with another team what is shared with a team, as far as the administering member could by hand (O8, G1); the rest ends. How many of each.';

-- Attached first, and taken from the team that is emptied when nobody is in it any more: who goes along never lacks them.
create or replace function access_private.hand_on_roles(account uuid, team uuid, target uuid) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  attached uuid[] := array(
    select r.role_id from access.team_role r
     where r.account_id = account and r.team_id = team and r.valid @> clock_timestamp() order by r.role_id
  );
  begun bigint;
begin
  if attached = '{}' then
    return 0;
  end if;
  if session_user = 'cloison_gateway' and access.reach('roles', 'configure') = 0 then
    perform access.forbid('roles', 'configure');
  end if;
  perform access_private.bound_cells(access_private.cells_of_team(account, team));
  insert into access.team_role (account_id, team_id, role_id)
    select account, target, a from unnest(attached) a
     where not exists (
       select from access.team_role k
        where k.account_id = account and k.team_id = target and k.role_id = a and k.valid @> clock_timestamp()
     )
    on conflict do nothing;
  get diagnostics begun = row_count;
  if begun > 0 and exists (
    select from access.team_member t
     where t.account_id = account and t.team_id = target and t.user_id = access_private.actor() and t.valid @> clock_timestamp()
  ) then
    perform access_private.bound_self(access_private.actor());
  end if;
  return cardinality(attached);
end $$;
comment on function access_private.hand_on_roles(uuid, uuid, uuid) is
  'Attaches to another team the roles of a team, as if each were attached by hand (C4, C6, G1); how many.';

create or replace function access_private.hand_on_invitations(account uuid, team uuid, target uuid) returns uuid[]
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  handed uuid[] := array(select i.id from access_private.open_invitations(account, team => team) i order by i.id);
  -- Also those that are over: whoever sends them again may not look where to they invite by now.
  pending uuid[] := array(
    select i.id from access.invitation i
     where i.account_id = account and (i.main_team_id = team or team = any (i.team_ids))
       and i.accepted_at is null and i.revoked_at is null
  );
  given uuid;
begin
  if pending <> '{}' then
    if session_user = 'cloison_gateway' and access.reach('users', 'configure') = 0 then
      perform access.forbid('users', 'configure');
    end if;
    perform access_private.bound_cells(access_private.cells_of_team(account, target));
    for given in select distinct i.role_id from access.invitation i where i.account_id = account and i.id = any (pending) loop
      perform access_private.bound_cells(access_private.role_cells(account, given));
    end loop;
  end if;
  update access.invitation i set main_team_id = n.main_team_id, team_ids = n.team_ids
    from (
      select o.id, m.main_team_id, array(
               select distinct x from unnest(array_replace(o.team_ids, team, target)) x
                where x is distinct from m.main_team_id order by x
             ) as team_ids
        from access.invitation o
        cross join lateral (
          select case when o.main_team_id = team then target else o.main_team_id end as main_team_id
        ) m
       where o.account_id = account and o.id = any (pending)
    ) n
   where i.account_id = account and i.id = n.id;
  return handed;
end $$;
comment on function access_private.hand_on_invitations(uuid, uuid, uuid) is
  'Lets invitations that name a team name another one, as if whoever is invited were put there by hand (T10, G1); those that are open.';

create or replace function access_private.take_over(account uuid, team uuid, target uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- By the rights with which he came: shares before rows.
  shares jsonb := access_private.hand_on_shares(account, team, target);
  roles bigint := access_private.hand_on_roles(account, team, target);
  present timestamptz;
begin
  perform access_private.empty_team(account, team, target);
  present := clock_timestamp();
  update access.team_role r set valid = tstzrange(lower(r.valid), present)
   where r.account_id = account and r.team_id = team and r.valid @> present;
  return shares || jsonb_build_object(
    'roles_moved', roles, 'invitations', access_private.hand_on_invitations(account, team, target)
  );
end $$;
comment on function access_private.take_over(uuid, uuid, uuid) is
  'Puts all that one team holds into another (T3); how many shares and roles were handed on, how many shares ended, and which invitations name the other now.';

create or replace function access_private.nothing_handed_on() returns jsonb
  language sql immutable
  return '{"shares_moved": 0, "shares_ended": 0, "roles_moved": 0, "invitations": []}'::jsonb;
comment on function access_private.nothing_handed_on() is 'What access_private.take_over answers for a team that holds nothing.';

create or replace function access_private.handed_on_too(before jsonb, more jsonb) returns jsonb
  language sql immutable set search_path = pg_catalog, pg_temp
  begin atomic
    select jsonb_object_agg(b.key, case
             when jsonb_typeof(b.value) = 'array' then b.value || (more -> b.key)
             else to_jsonb((b.value)::bigint + (more -> b.key)::bigint)
           end)
      from jsonb_each(before) b;
  end;
comment on function access_private.handed_on_too(jsonb, jsonb) is 'What was handed on by two of them together.';
