-- Concern: what becomes of roles: cloned, renamed, one cell switched, deleted with a successor (C5).

create or replace function access.clone_role(account uuid, role uuid, name text) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  copy uuid := access.uuid_v7();
  held text[];
  free_name text;
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.require_role(account, role);
  -- A copy begins with what the account has.
  held := array(
    select c from unnest(access_private.role_cells(account, role)) as c
     where split_part(c, ':', 1) <> all (access_private.absent_from(account))
  );
  free_name := access_private.free_role_name(account, name);
  insert into access.role (account_id, id, name) values (account, copy, free_name);
  perform access_private.set_cells(account, copy, held);
  return copy;
end $$;
comment on function access.clone_role(uuid, uuid, text) is
  'A custom role that holds what another role, also a built-in one, holds now and the administering member too (C5, C6, G1).';

create or replace function access_private.require_custom_role(account uuid, role uuid) returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.require_role(account, role);
  if exists (select from access.role r where r.account_id = account and r.id = role and r.builtin is not null) then
    perform access.bad_input('role', 'a built-in role can be cloned, not changed');
  end if;
end $$;
comment on function access_private.require_custom_role(uuid, uuid) is
  'U0404 unless the account has the role, U0400 where it is a built-in one (section 5).';

create or replace function access.rename_role(account uuid, role uuid, name text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  free_name text;
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.require_custom_role(account, role);
  free_name := access_private.free_role_name(account, name, role);
  update access.role r set name = free_name where r.account_id = account and r.id = role;
end $$;
comment on function access.rename_role(uuid, uuid, text) is 'Gives a custom role another name (C5).';

create or replace function access.set_role_cell(
  account uuid, role uuid, module text, action text, scopes text[] default null
) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  cell jsonb := jsonb_strip_nulls(jsonb_build_object('module', module, 'action', action, 'scopes', scopes));
  others jsonb;
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.require_custom_role(account, role);
  -- As cells_of says it, by the names of the arguments: there are no cells here.
  if not exists (select from access.capability k where (k.module, k.action) = (set_role_cell.module, set_role_cell.action)) then
    perform access.bad_input('action', format('there is no capability %s.%s', set_role_cell.module, set_role_cell.action));
  end if;
  if exists (
    select from access.capability k
     where (k.module, k.action, k.on_rows) = (set_role_cell.module, set_role_cell.action, true) and set_role_cell.scopes is null
  ) then
    perform access.bad_input('scopes', format('%s.%s is held on scopes: say which', set_role_cell.module, set_role_cell.action));
  end if;
  if exists (
    select from unnest(set_role_cell.scopes) as s where access.scope_bit(s) = 0 or s in ('shared', 'unmasked')
  ) then
    perform access.bad_input('scopes', 'a scope is all, team, owned, created or unassigned');
  end if;
  -- One switch is as it is asked for, or it is refused (A2).
  perform access_private.bound_cells(array(
    (select c.module || ':' || c.action || ':' || c.scope from access_private.cells_of(jsonb_build_array(cell)) c
     except select unnest(access_private.role_cells(account, role)))
    union
    (select had from unnest(access_private.role_cells(account, role)) as had
      where split_part(had, ':', 1) = set_role_cell.module and split_part(had, ':', 2) = set_role_cell.action
     except select c.module || ':' || c.action || ':' || c.scope from access_private.cells_of(jsonb_build_array(cell)) c)
  ));
  others := coalesce((
    select jsonb_agg(jsonb_build_object('module', c.module, 'action', c.action, 'scopes', array[c.scope]))
      from access.role_cell c
     where c.account_id = account and c.role_id = role and c.valid @> clock_timestamp()
       and (c.module, c.action) <> (set_role_cell.module, set_role_cell.action)
  ), '[]');
  -- The empty set is not holding it (C1).
  perform access.set_role_cells(account, role, case when scopes = '{}' then others else others || cell end);
end $$;
comment on function access.set_role_cell(uuid, uuid, text, text, text[]) is
  'Makes a custom role hold one action of a module on exactly these scopes: none of them, not at all; null, for an action without scopes, at all (C5, C6).';

create or replace function access.switch_role_cells(account uuid, role uuid, cells jsonb) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The empty set is not holding it (C1), also where there are no scopes to be had.
  on_cells jsonb := coalesce((select jsonb_agg(c) from jsonb_array_elements(cells) as c where c -> 'scopes' is distinct from '[]'), '[]');
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.require_custom_role(account, role);
  perform access_private.bound_own_role(account, role);
  -- What is unknown is named, also where it is switched off.
  perform access_private.cells_of(cells);
  perform access_private.set_cells(account, role, array(
    select c.module || ':' || c.action || ':' || c.scope from access_private.cells_of(on_cells) c
    union
    select had from unnest(access_private.role_cells(account, role)) as had
     where not exists (
       select from jsonb_array_elements(cells) as c
        where c ->> 'module' = split_part(had, ':', 1) and c ->> 'action' = split_part(had, ':', 2)
     )
  ));
end $$;
comment on function access.switch_role_cells(uuid, uuid, jsonb) is
  'Makes a custom role hold these actions on exactly these scopes, as far as the administering member holds them; the other actions stay (C5, C6, G1).';

create or replace function access_private.role_in_use(account uuid, role uuid) returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(concat_ws(' and ',
    (select nullif(count(*), 0) || ' members' from access.membership m
      where m.account_id = account and m.role_id = role_in_use.role and m.valid @> clock_timestamp()),
    (select nullif(count(*), 0) || ' teams' from access.team_role t
      where t.account_id = account and t.role_id = role_in_use.role and t.valid @> clock_timestamp()),
    (select nullif(count(*), 0) || ' open invitations' from access_private.open_invitations(account, role => role_in_use.role))
  ), '');
end $$;
comment on function access_private.role_in_use(uuid, uuid) is
  'Who has a role, in words: members, deactivated ones too, teams, and who is invited to it; null for nobody.';

create or replace function access.delete_role(account uuid, role uuid, successor uuid default null) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  members uuid[];
  invitations uuid[];
  present timestamptz;
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.require_custom_role(account, role);
  perform access_private.bound_own_role(account, role);
  perform access_private.bound_cells(access_private.role_cells(account, role));
  invitations := array(select i.id from access_private.open_invitations(account, role => delete_role.role) i order by i.id);
  if successor is not null then
    perform access_private.require_role_to_give(account, successor);
    -- What a member is not to get is kept as an exception of his; a team has none, and neither has who is invited, also by an
    -- invitation that is over: whoever sends it again may not look what it says by now.
    if exists (
      select from access.invitation i
       where i.account_id = account and i.role_id = role and i.accepted_at is null and i.revoked_at is null
    ) or exists (
      select from access.team_role t
       where t.account_id = account and t.role_id = role and t.valid @> clock_timestamp()
    ) then
      perform access_private.bound_cells(access_private.role_cells(account, successor));
    end if;
    if successor = role then
      perform access.bad_input('successor', 'a role is not its own successor');
    end if;
  elsif access_private.role_in_use(account, role) is not null then
    perform access.conflict(format(
      '%s have the role: name the role that they get instead', access_private.role_in_use(account, role)
    ));
  end if;
  members := array(
    select m.user_id from access.membership m
     where m.account_id = account and m.role_id = role and m.valid @> clock_timestamp() order by m.user_id
  );
  if successor is not null then
    perform access_private.give_role(account, members, successor);
  end if;
  present := clock_timestamp();
  with ended as (
    update access.team_role t set valid = tstzrange(lower(t.valid), present)
     where t.account_id = account and t.role_id = role and t.valid @> present
    returning t.team_id
  )
  insert into access.team_role (account_id, team_id, role_id, valid)
    select account, e.team_id, successor, tstzrange(present, null) from ended e
     where not exists (
       select from access.team_role k
        where k.account_id = account and k.team_id = e.team_id and k.role_id = successor and k.valid @> present
     )
    on conflict do nothing;
  -- Also those that are over: they can be sent again, by whoever may give it.
  if successor is not null then
    update access.invitation i set role_id = successor
     where i.account_id = account and i.role_id = role and i.accepted_at is null and i.revoked_at is null;
  end if;
  update access.role_cell c set valid = tstzrange(lower(c.valid), present)
   where c.account_id = account and c.role_id = role and c.valid @> present;
  update access.role r set deleted_at = present where r.account_id = account and r.id = role;
  return jsonb_build_object('members', members, 'invitations', invitations);
end $$;
comment on function access.delete_role(uuid, uuid, uuid) is
  'Deletes a custom role; its members get the successor by G1, its teams too, and open invitations name it; without one U0409 says who has it (C5, G1). Who has the successor by it, and which invitations name it.';
