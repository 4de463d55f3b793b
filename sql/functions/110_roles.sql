-- Concern: custom roles, roles of teams, personal exceptions (C4 to C6).

create or replace function access.role_id(account uuid, name text) returns uuid
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found_id uuid;
begin
  if session_user = 'cloison_gateway' and account is distinct from access.account_id() then
    perform access.not_found('accounts');
  end if;
  select r.id into found_id from access.role r where r.account_id = account and r.name = role_id.name and r.deleted_at is null;
  if found_id is null then
    perform access.not_found('roles');
  end if;
  return found_id;
end $$;
comment on function access.role_id(uuid, text) is 'The role of this name; U0404 where the account has none.';

create or replace function access_private.free_role_name(account uuid, name text, role uuid default null) returns text
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  trimmed text := trim(name);
begin
  if nullif(trimmed, '') is null or char_length(trimmed) > 200 then
    perform access.bad_input('name', 'a role has a name of up to 200 characters');
  end if;
  if exists (
    select from access.role r
     where r.account_id = account and r.name = trimmed and r.deleted_at is null and r.id is distinct from role
  ) then
    perform access.conflict('there is a role of this name');
  end if;
  return trimmed;
end $$;
comment on function access_private.free_role_name(uuid, text, uuid) is
  'The name as a role (null: a new one) is given it; U0400 where it is none, U0409 where another role has it.';

create or replace function access.create_role(account uuid, name text, cells jsonb) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  role uuid := access.uuid_v7();
  free_name text;
begin
  perform access_private.authorize(account, 'roles');
  free_name := access_private.free_role_name(account, name);
  insert into access.role (account_id, id, name) values (account, role, free_name);
  perform access_private.set_cells(account, role, array(
    select c.module || ':' || c.action || ':' || c.scope from access_private.cells_of(cells) c
  ));
  return role;
end $$;
comment on function access.create_role(uuid, text, jsonb) is
  'A custom role that holds of these cells those that the administering member holds (C5, C6, G1).';

create or replace function access_private.set_cells(account uuid, role uuid, asked text[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  had text[] := access_private.role_cells(account, role);
  absent text[] := access_private.absent_from(account);
  -- What the account does not have is neither given nor taken: it comes into force again with the account's kind.
  kept text[] := array(select c from unnest(had) as c where split_part(c, ':', 1) = any (absent));
  outcome text[] := array(
    select c from unnest(access_private.delegated(asked, had, access_private.held_for_good())) as c
     where split_part(c, ':', 1) <> all (absent)
  ) || kept;
  present timestamptz := clock_timestamp();
  unknown text;
  changed bigint;
begin
  select split_part(c, ':', 1) into unknown from unnest(asked) as c
   where split_part(c, ':', 1) = any (absent) and c <> all (kept)
   limit 1;
  if unknown is not null then
    perform access.bad_input('cells', format('accounts of this kind have no %s', unknown));
  end if;
  with ended as (
    update access.role_cell r set valid = tstzrange(lower(r.valid), present)
     where r.account_id = account and r.role_id = set_cells.role and r.valid @> present
       and r.module || ':' || r.action || ':' || r.scope <> all (outcome)
    returning r.module
  ),
  begun as (
    insert into access.role_cell (account_id, role_id, module, action, scope, valid)
      select account, set_cells.role, split_part(c, ':', 1), split_part(c, ':', 2), split_part(c, ':', 3),
             tstzrange(present, null)
        from unnest(outcome) as c where c <> all (had)
    returning module
  )
  select (select count(*) from ended) + (select count(*) from begun) into changed;
  perform access_private.tell('withheld', array(select c from unnest(asked) as c where not access_private.covers(outcome, c)));
  perform access_private.tell('kept', array(select c from unnest(outcome) as c where not access_private.covers(asked, c)));
end $$;
comment on function access_private.set_cells(uuid, uuid, text[]) is
  'Makes a custom role hold of these cells those that the administering member holds, beside what he does not hold and it has (G1).';

create or replace function access_private.bound_own_role(account uuid, role uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from access.membership m
     where m.account_id = account and m.user_id = access_private.actor() and m.role_id = role
       and m.valid @> clock_timestamp()
    union all
    select from access.team_member t
      join access.team_role r on r.account_id = t.account_id and r.team_id = t.team_id
     where t.account_id = account and t.user_id = access_private.actor() and r.role_id = role
       and t.valid @> clock_timestamp() and r.valid @> clock_timestamp()
  ) then
    perform access_private.bound_self(access_private.actor());
  end if;
end $$;
comment on function access_private.bound_own_role(uuid, uuid) is 'Refuses to change a role that one has oneself, unless one holds everything (C6).';

create or replace function access.set_role_cells(account uuid, role uuid, cells jsonb) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.require_role(account, role);
  perform access_private.bound_own_role(account, role);
  if exists (select from access.role r where r.account_id = account and r.id = role and r.builtin is not null) then
    perform access.bad_input('role', 'a built-in role can be cloned, not changed');
  end if;
  perform access_private.set_cells(account, role, array(
    select c.module || ':' || c.action || ':' || c.scope from access_private.cells_of(cells) c
  ));
end $$;
comment on function access.set_role_cells(uuid, uuid, jsonb) is
  'Makes a custom role hold these cells, as far as the administering member holds them; what he lacks stays as it was (C5, C6, G1).';

create or replace function access.attach_role_to_team(account uuid, team uuid, role uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.require_team(account, team);
  perform access_private.require_role_to_give(account, role);
  perform access_private.bound_cells(access_private.role_cells(account, role));
  if exists (
    select from access.team_member t
     where t.account_id = account and t.team_id = team and t.user_id = access_private.actor()
       and t.valid @> clock_timestamp()
  ) then
    perform access_private.bound_self(access_private.actor());
  end if;
  if not exists (
    select from access.team_role t
     where t.account_id = account and t.team_id = team and t.role_id = role and t.valid @> clock_timestamp()
  ) then
    insert into access.team_role (account_id, team_id, role_id) values (account, team, role);
  end if;
end $$;
comment on function access.attach_role_to_team(uuid, uuid, uuid) is 'Rights per department: members of the team hold the role too (C4).';

create or replace function access.detach_role_from_team(account uuid, team uuid, role uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
begin
  perform access_private.authorize(account, 'roles');
  perform access_private.bound_cells(access_private.role_cells(account, role));
  present := clock_timestamp();
  update access.team_role t set valid = tstzrange(lower(t.valid), present)
   where t.account_id = account and t.team_id = team and t.role_id = role and t.valid @> present;
  if not found then
    perform access.not_found('roles');
  end if;
end $$;
comment on function access.detach_role_from_team(uuid, uuid, uuid) is 'Takes a role from a team (C4).';

create or replace function access.set_exception(
  account uuid, member uuid, module text, action text, scope text, effect text, until timestamptz default null
) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_member(account, member);
  perform access_private.bound_self(member);
  perform access_private.bound_deactivated(account, member);
  if effect is null or effect not in ('grant', 'deny', 'none') then
    perform access.bad_input('effect', 'an exception grants, denies or is none');
  end if;
  if not exists (
    select from access.capability k where k.module = set_exception.module and k.action = set_exception.action
  ) then
    perform access.bad_input('action', 'there is no such capability');
  end if;
  -- What is left from another kind can be ended.
  if effect <> 'none' and module = any (access_private.absent_from(account)) then
    perform access.bad_input('module', format('accounts of this kind have no %s', module));
  end if;
  if access.scope_bit(scope) = 0 or scope in ('shared', 'unmasked') then
    perform access.bad_input('scope', 'there is no such scope');
  end if;
  present := clock_timestamp();
  if until <= present then
    perform access.bad_input('until', 'the end is past');
  end if;
  perform access_private.bound_cells(
    array[module || ':' || action || ':' || scope], case when effect = 'grant' then until end
  );
  -- What G1 keeps for later gives way to what is said now.
  delete from access.exception e
   where e.account_id = account and e.user_id = member and e.module = set_exception.module
     and e.action = set_exception.action and e.scope = set_exception.scope and e.effect in ('kept', 'withheld')
     and lower(e.valid) > present and e.valid && tstzrange(present, case when set_exception.effect <> 'none' then until end);
  -- Every end is a period with a profile of its own.
  if until is not null and (
    select count(distinct upper(e.valid)) from access.exception e
     where e.account_id = account and e.user_id = member and upper(e.valid) > present and upper(e.valid) <> until
  ) >= 10 then
    perform access.bad_input('until', 'a member has exceptions with ten different ends at most: use one of them');
  end if;
  update access.exception e set valid = tstzrange(lower(e.valid), present)
   where e.account_id = account and e.user_id = member and e.module = set_exception.module
     and e.action = set_exception.action and e.scope = set_exception.scope and e.valid @> present;
  if effect <> 'none' then
    insert into access.exception (account_id, user_id, module, action, scope, effect, valid)
    values (
      account, member, set_exception.module, set_exception.action, set_exception.scope, set_exception.effect,
      tstzrange(present, until)
    );
  end if;
end $$;
comment on function access.set_exception(uuid, uuid, text, text, text, text, timestamptz) is
  'Adds a capability to one member or takes it, until an end or for good; `none` ends the exception (C4, C6).';
