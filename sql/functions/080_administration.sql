-- Concern: who may administer, and up to where (C6, G1). An operator's session has no identity and is bound by grants
-- alone; a member's is bound by what the member holds.

create or replace function access_private.actor() returns uuid
  language sql stable security definer set search_path = pg_catalog, pg_temp
  return case when session_user = 'cloison_gateway' then access.user_id() end;
comment on function access_private.actor() is 'The member who administers, or null for an operator.';

create or replace function access_private.authorize(account uuid, tool text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' then
    if account is distinct from access.account_id() then
      perform access.not_found('accounts');
    end if;
    if access.reach(tool, 'configure') = 0 then
      perform access.forbid(tool, 'configure');
    end if;
  end if;
  perform access_private.lock_account(account);
  -- The wait for the lock may have been long: hold it, and reach as far, still? The key of rows without a team is not
  -- asked for: it goes with the first team that the account is given, maybe by this very transaction.
  if session_user = 'cloison_gateway' and not exists (
    select from access_private.session_profile s
     where s.account_id = account and s.user_id = access.user_id()
       and s.profile = access.profile() and s.valid @> clock_timestamp()
       and s.team_keys || 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid @> access.team_keys()
  ) then
    perform access.forbid(tool, 'configure');
  end if;
end $$;
comment on function access_private.authorize(uuid, text) is
  'Lets an operator, or a member of the account who may configure the tool, administer; takes the account''s lock.';

-- cells: [{"module": text, "action": text, "scopes": [text, ...]}, ...]; no scopes for actions without rows.
create or replace function access_private.cells_of(cells jsonb)
  returns table (module text, action text, scope text)
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text;
begin
  select format('%s.%s', cell ->> 'module', cell ->> 'action') into unknown
    from jsonb_array_elements(cells) as cell
   where not exists (
     select from access.capability k where k.module = cell ->> 'module' and k.action = cell ->> 'action'
   )
   limit 1;
  if unknown is not null then
    perform access.bad_input('cells', format('there is no capability %s', unknown));
  end if;
  select s into unknown
    from jsonb_array_elements(cells) as cell, jsonb_array_elements_text(coalesce(cell -> 'scopes', '[]')) as s
   where access.scope_bit(s) = 0 or s in ('shared', 'unmasked') limit 1;
  if unknown is not null then
    perform access.bad_input('cells', format('there is no scope %s', unknown));
  end if;
  select format('%s.%s', k.module, k.action) into unknown
    from jsonb_array_elements(cells) as cell
    join access.capability k on k.module = cell ->> 'module' and k.action = cell ->> 'action'
   where k.on_rows and cell -> 'scopes' is null
   limit 1;
  if unknown is not null then
    perform access.bad_input('cells', format('%s is held on scopes: say which', unknown));
  end if;
  return query
    select distinct k.module, k.action, case when k.on_rows then s.scope else 'all' end
      from jsonb_array_elements(cells) as cell
      join access.capability k on k.module = cell ->> 'module' and k.action = cell ->> 'action'
      left join lateral jsonb_array_elements_text(coalesce(cell -> 'scopes', '[]')) as s (scope) on true
     where not k.on_rows or s.scope is not null;
end $$;
comment on function access_private.cells_of(jsonb) is 'Reads cells given as JSON; 22023-like errors name what is unknown.';

create or replace function access_private.holds_everything() returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select not exists (
      select from access.capability k
       where k.module <> all (access_private.absent_from(access.account_id())) and not exists (
         select from access_private.profile_capability c
          where c.profile = access.profile() and c.module = k.module and c.action = k.action and c.scope = 'all'
       )
    );
  end;
comment on function access_private.holds_everything() is 'Whether the administering member is a super admin or an owner: nothing is beyond him.';

create or replace function access_private.bound_cells(cells text[], until timestamptz default null) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  beyond text;
begin
  if session_user <> 'cloison_gateway' then
    return;
  end if;
  select cell into beyond from unnest(cells) as cell
   where not access_private.holds_throughout(
     split_part(cell, ':', 1), split_part(cell, ':', 2), split_part(cell, ':', 3),
     tstzrange(clock_timestamp(), until)
   )
     -- Of what the account does not have, nobody holds anything: it is in the hands of who holds everything else.
     and not (split_part(cell, ':', 1) = any (access_private.absent_from(access.account_id())) and access_private.holds_everything())
   limit 1;
  if beyond is not null then
    perform access.forbid(split_part(beyond, ':', 1), split_part(beyond, ':', 2));
  end if;
end $$;
comment on function access_private.bound_cells(text[], timestamptz) is
  'Refuses module:action:scope that the administering member does not hold himself, now and until this end or for good (C6, G1).';

-- Whatever fact an administering member changes, directly or by way of a role, a team or the tree, what it does to each
-- member is compared with what the administering member holds and reaches: at each moment from now on, every cell that is
-- gained or lost must be his, and team scope may widen to teams that he does not reach, or lose them, only where he holds
-- `all`. Of who is deactivated, what is compared is what he would have if he were active.
create or replace function access_private.bound_outcome(
  account uuid, before access_private.waiting_profile[], after access_private.waiting_profile[]
) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
  reached uuid[];
  beyond text;
begin
  if not access_private.is_bound(account) then
    return;
  end if;
  -- A team that this transaction made holds nothing: to reach it is no gain.
  reached := access.team_keys() || array(
    select t.id from access.team t where t.account_id = access.account_id() and t.created_at = now()
  );
  with moment as (
    select distinct greatest(coalesce(lower(p.valid), '-infinity'), present) as start
      from unnest(before || after) p
     where upper_inf(p.valid) or upper(p.valid) > present
    union
    select upper(p.valid) from unnest(before || after) p where upper(p.valid) > present
  ),
  stretch as (
    select tstzrange(m.start, lead(m.start) over (order by m.start)) as valid,
           coalesce(old.cells, '{}') as old_cells, coalesce(old.team_keys, '{}') as old_keys,
           coalesce(new.cells, '{}') as new_cells, coalesce(new.team_keys, '{}') as new_keys,
           new.cells is not null as stays
      from moment m
      left join lateral (select p.* from unnest(before) p where p.valid @> m.start) old on true
      left join lateral (select p.* from unnest(after) p where p.valid @> m.start) new on true
  ),
  needed as (
    select s.valid, c.cell
      from stretch s,
      lateral (
        (select unnest(s.old_cells) as cell except select unnest(s.new_cells))
        union
        (select unnest(s.new_cells) except select unnest(s.old_cells))
      ) c
    union
    -- Rows that are shared with a team are reached with the team.
    select s.valid, split_part(c, ':', 1) || ':' || split_part(c, ':', 2) || ':all'
      from stretch s, unnest(s.new_cells) c
     where split_part(c, ':', 3) = 'shared' and not s.new_keys <@ reached and not s.new_keys <@ s.old_keys
    union
    select s.valid, split_part(c, ':', 1) || ':' || split_part(c, ':', 2) || ':all'
      from stretch s, unnest(s.new_cells) c
     where split_part(c, ':', 3) = 'team' and not s.new_keys <@ reached
       and (
         not s.new_keys <@ s.old_keys
         or c <> all (s.old_cells)
         and split_part(c, ':', 1) || ':' || split_part(c, ':', 2) || ':all' <> all (s.old_cells)
       )
    union
    -- Adding and taking are bound alike. Who goes altogether loses what he holds, as above, and no team in particular.
    select s.valid, split_part(c, ':', 1) || ':' || split_part(c, ':', 2) || ':all'
      from stretch s, unnest(s.old_cells) c
     where split_part(c, ':', 3) = 'team' and s.stays and not s.old_keys <@ (s.new_keys || reached)
  )
  select n.cell into beyond
    from needed n
   where not access_private.holds_throughout(
     split_part(n.cell, ':', 1), split_part(n.cell, ':', 2), split_part(n.cell, ':', 3), n.valid
   )
   limit 1;
  if beyond is not null then
    perform access.forbid(split_part(beyond, ':', 1), split_part(beyond, ':', 2));
  end if;
end $$;
comment on function access_private.bound_outcome(uuid, access_private.waiting_profile[], access_private.waiting_profile[]) is
  'Refuses what a change of facts brings about for a member, active or not, where it is more than the administering member holds or reaches (C6, G1, T4).';

create or replace function access_private.is_bound(account uuid) returns boolean
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select session_user = 'cloison_gateway' and not access_private.holds_everything()
       -- An account that this transaction made is whole only when it has its owner, who subscribes it.
       and not exists (select from access.account a where a.id = account and a.created_at = now());
  end;
comment on function access_private.is_bound(uuid) is
  'Whether what the session changes in an account is bound by what a member holds and reaches: not of operators, nor of who holds everything.';

create or replace function access_private.outlook(profiles access_private.session_profile[])
  returns access_private.waiting_profile[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select row(
               p.account_id, p.user_id, p.valid,
               array(
                 select c.module || ':' || c.action || ':' || c.scope
                   from access_private.profile_capability c where c.profile = p.profile
               ),
               p.team_keys
             )::access_private.waiting_profile
        from unnest(profiles) p
    );
  end;
comment on function access_private.outlook(access_private.session_profile[]) is
  'What an active member holds and reaches, cell by cell, as it is noted of who is deactivated.';

create or replace function access_private.holds_throughout(
  module_name text, action_name text, scope_name text, span tstzrange
) returns boolean
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    -- Shares are bound where they are given, row by row; what an account does not mask, where that is said.
    select scope_name in ('shared', 'unmasked') or not exists (
      select from access_private.session_profile s
       where s.account_id = access.account_id() and s.user_id = access.user_id() and s.valid && span
         and not exists (
           select from access_private.profile_capability c
            where c.profile = s.profile and c.module = module_name and c.action = action_name
              and c.scope in (scope_name, 'all')
         )
    ) and exists (
      select from access_private.session_profile s
       where s.account_id = access.account_id() and s.user_id = access.user_id()
         and (upper_inf(s.valid) or upper(s.valid) >= upper(span))
    );
  end;
comment on function access_private.holds_throughout(text, text, text, tstzrange) is
  'Whether the administering member holds a capability at every moment of a span: what ends is not handed on for longer.';

create or replace function access_private.bound_self(member uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' and member = access.user_id() and not access_private.holds_everything() then
    perform access.forbid('users', 'configure');
  end if;
end $$;
comment on function access_private.bound_self(uuid) is
  'Refuses to change one''s own role, exceptions and teams, unless one holds everything already (C6).';

create or replace function access_private.role_cells(account uuid, role uuid) returns text[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select c.module || ':' || c.action || ':' || c.scope from access.role_cell c
       where c.account_id = account and c.role_id = role_cells.role and c.valid @> clock_timestamp()
      union
      select c.module || ':' || c.action || ':' || c.scope
        from access.role r join access.builtin_role_cell c on c.role = r.builtin
       where r.account_id = account and r.id = role_cells.role
      union
      select k.module || ':' || k.action || ':all' from access.capability k
       where k.module <> all (access_private.absent_from(account))
         and exists (select from access.role r where r.account_id = account and r.id = role_cells.role and r.builtin = 'Owner')
    );
  end;
comment on function access_private.role_cells(uuid, uuid) is 'What a role holds, as module:action:scope.';

-- Adding and taking are bound alike: whoever holds less than the target may neither raise nor lower him.
create or replace function access_private.bound_member(account uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' then
    perform access_private.bound_cells(array(
      select c.module || ':' || c.action || ':' || c.scope
        from access_private.effective_cells(account, member, clock_timestamp()) c
    ));
    perform access_private.bound_deactivated(account, member);
  end if;
end $$;
comment on function access_private.bound_member(uuid, uuid) is
  'Refuses to change a member who holds what the administering member does not (G1).';

-- Someone deactivated holds nothing now; what waits for him is bound all the same.
create or replace function access_private.bound_deactivated(account uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' then
    perform access_private.bound_cells(array(
      select waiting.cell
        from access.membership m,
        lateral (
          (
            select unnest(access_private.role_cells(account, m.role_id)) as cell
            except
            select e.module || ':' || e.action || ':' || e.scope from access.exception e
             where e.account_id = account and e.user_id = member and e.effect = 'withheld' and e.valid @> clock_timestamp()
          )
          union
          select k.module || ':' || k.action || ':all' from access.capability k
           where m.super_admin and k.module <> all (access_private.absent_from(account))
          union
          select unnest(access_private.cells_of_team(account, t.team_id)) from access.team_member t
           where t.account_id = account and t.user_id = member and t.valid @> clock_timestamp()
          union
          select e.module || ':' || e.action || ':' || e.scope from access.exception e
           where e.account_id = account and e.user_id = member and e.effect in ('grant', 'kept') and e.valid @> clock_timestamp()
        ) waiting
       where m.account_id = account and m.user_id = member and m.status <> 'active' and m.valid @> clock_timestamp()
    ));
  end if;
end $$;
comment on function access_private.bound_deactivated(uuid, uuid) is
  'Refuses to change a deactivated member who would hold, once active, what the administering member does not (G1).';

create or replace function access_private.require_member(account uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- Who has left is changed no more: it would be there if he were ever added again.
  if not exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.valid @> clock_timestamp()
  ) then
    perform access.not_found('users');
  end if;
end $$;
comment on function access_private.require_member(uuid, uuid) is
  'U0404 unless the user is a member of the account now, active or deactivated.';

create or replace function access_private.require_team(account uuid, team uuid) returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from access.team t where t.account_id = account and t.id = team and t.deleted_at is null) then
    perform access.not_found('teams');
  end if;
end $$;
comment on function access_private.require_team(uuid, uuid) is 'U0404 unless the account has the team.';

create or replace function access_private.require_role(account uuid, role uuid) returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from access.role r where r.account_id = account and r.id = role and r.deleted_at is null
  ) then
    perform access.not_found('roles');
  end if;
end $$;
comment on function access_private.require_role(uuid, uuid) is 'U0404 unless the account has the role.';

create or replace function access_private.require_role_to_give(account uuid, role uuid) returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.require_role(account, role);
  if exists (
    select from access.role r where r.account_id = account and r.id = role and r.builtin = '{{ partner_admin }}'
  ) then
    perform access.bad_input('role', 'this role is for employees of partner accounts alone');
  end if;
end $$;
comment on function access_private.require_role_to_give(uuid, uuid) is
  'U0404 unless the account has the role, U0400 where it is not given to members as such (section 5).';
