-- Concern: what lets a member view a module, and what takes it, for whom asks why it is empty for him. Told to holders of
-- `view` on users, who may know the role, the teams and the exceptions of every member; teams by name as they know teams.

create or replace function access_private.require_view_of_users() returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if access.reach('users', 'view') = 0 then
    perform access.forbid('users', 'view');
  end if;
end $$;
comment on function access_private.require_view_of_users() is 'U0403 unless the session may see who has which rights.';

create or replace function access_private.roles_of(account uuid, member uuid)
  returns table (id uuid, name text, builtin text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select r.id, r.name, r.builtin from access.role r
     where r.account_id = account
       and r.id in (
         select m.role_id from access.membership m
          where m.account_id = account and m.user_id = member and m.valid @> statement_timestamp()
         union
         select tr.role_id from access.team_member tm
           join access.team_role tr on tr.account_id = tm.account_id and tr.team_id = tm.team_id
          where tm.account_id = account and tm.user_id = member
            and tm.valid @> statement_timestamp() and tr.valid @> statement_timestamp()
       );
  end;
comment on function access_private.roles_of(uuid, uuid) is 'The roles of a member: his own, and those of his teams (C4).';

create or replace function access_private.is_above_exceptions(account uuid, member uuid) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select from access.membership m
       where m.account_id = account and m.user_id = member and m.super_admin and m.valid @> statement_timestamp()
    ) or exists (
      select from access_private.roles_of(account, member) r where r.builtin = 'Owner'
    );
  end;
comment on function access_private.is_above_exceptions(uuid, uuid) is
  'Whether a member is a super admin or an owner, from whom exceptions take nothing.';

-- What is given before anything is taken: also to somebody deactivated, for whom it waits.
create or replace function access_private.given_cells(account uuid, member uuid, module_name text)
  returns table (action text, scope text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select c.action, c.scope
      from access_private.roles_of(account, member) r
      join access.role_cell c on c.account_id = account and c.role_id = r.id and c.valid @> statement_timestamp()
     where c.module = module_name
    union
    select c.action, c.scope
      from access_private.roles_of(account, member) r join access.builtin_role_cell c on c.role = r.builtin
     where c.module = module_name
    union
    select e.action, e.scope from access.exception e
     where e.account_id = account and e.user_id = member and e.module = module_name
       and e.effect in ('grant', 'kept') and e.valid @> statement_timestamp();
  end;
comment on function access_private.given_cells(uuid, uuid, text) is
  'What roles and exceptions give a member in a module, before exceptions take from it (C4).';

create or replace function access.rights_to_view(
  member uuid, module_name text,
  out person text, out status text, out mask integer, out keys uuid[], out tier text
)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid := access.account_id();
begin
  perform access_private.require_view_of_users();
  select p.name, coalesce(m.status, 'former') into person, status
    from access.member p
    left join access.membership m
      on m.account_id = p.account_id and m.user_id = p.user_id and m.valid @> statement_timestamp()
   where p.account_id = account and p.user_id = member;
  if not found then
    perform access.not_found('users', 'member');
  end if;
  select coalesce(bit_or(access.scope_bit(c.scope)), 0) into mask
    from access_private.effective_cells(account, member, statement_timestamp()) c
   where c.module = module_name and c.action = 'view';
  keys := access_private.team_keys_of(account, member, statement_timestamp());
  select m.tier into tier from access.module m
   where m.name = module_name
     and access_private.tier_of(account, m.hub)
       < (case m.tier when 'enterprise' then 2 when 'professional' then 1 else 0 end);
end $$;
comment on function access.rights_to_view(uuid, text) is
  'Of a member: name, status, the scopes on which he views a module, the keys that he reaches by team, and the tier that the account lacks to give its rows to teams.';

create or replace function access_private.names_of_teams(account uuid, member uuid) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select string_agg(named.name, ', ' order by named.hidden asc, named.name asc)
      from (
        select case when known.yes then t.name else 'one that you do not know' end as name, not known.yes as hidden
          from access.team_member m
          join access.team t on t.account_id = m.account_id and t.id = m.team_id
         cross join lateral (
           select access.reach('teams', 'view') <> 0 or t.id = any (access.team_keys()) as yes
         ) known
         where m.account_id = account and m.user_id = member and m.valid @> statement_timestamp()
      ) named;
  end;
comment on function access_private.names_of_teams(uuid, uuid) is
  'A member''s teams as the session knows them; null where there are none.';

create or replace function access.walls_of_rights(member uuid, module_name text)
  returns table (code text, sentence text)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid := access.account_id();
  called text := replace(module_name, '_', ' ');
  known record;
  given record;
  teams text;
begin
  select * into known from access.rights_to_view(member, module_name);
  if known.status = 'former' then
    return query select 'not_a_member', format('%s is no longer a member of this account.', known.person);
    return;
  end if;
  if known.status = 'deactivated' then
    return query select 'deactivated', format('%s is deactivated, and sees nothing until reactivated.', known.person);
  end if;
  -- Every action on rows implies view, as `configure` does.
  select coalesce(bool_or(k.on_rows or k.action in ('view', 'configure')), false) as any_view
    into given
    from access_private.given_cells(account, member, module_name) c
    join access.capability k on k.module = module_name and k.action = c.action;
  if known.mask = 0 and not given.any_view and not access_private.is_above_exceptions(account, member) then
    return query select 'no_role', format(
      '%s has no role that gives view on %s; the roles are: %s.', known.person, called,
      (select string_agg(r.name, ', ' order by r.name) from access_private.roles_of(account, member) r)
    );
  end if;
  if not access_private.is_above_exceptions(account, member) then
    return query
      select 'exception', format(
               case e.effect
                 when 'deny' then 'An exception takes %s on %s (%s) from %s%s.'
                 else 'Of the role, %s on %s (%s) is withheld from %s, since whoever gave it did not hold it.'
               end, replace(e.action, '_', ' '), called,
               case when k.on_rows then 'scope ' || e.scope else 'held or not' end, known.person,
               coalesce(' until ' || to_char(upper(e.valid) at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), '')
             )
        from access.exception e
        join access.capability k on k.module = e.module and k.action = e.action
       where e.account_id = account and e.user_id = member and e.module = module_name
         and e.effect in ('deny', 'withheld') and e.valid @> statement_timestamp()
         -- That takes nothing, or what is held otherwise, is no wall.
         and exists (
           select from access_private.given_cells(account, member, module_name) g
             join access.capability gk on gk.module = module_name and gk.action = g.action
            where (e.action = g.action or e.action = 'view' and e.effect = 'deny')
              and (gk.on_rows or g.action in ('view', 'configure'))
              and (not gk.on_rows or e.scope = g.scope or 'all' in (e.scope, g.scope))
              and known.mask & (access.scope_bit(g.scope) | access.scope_bit('all')) = 0
         )
       order by e.action, e.scope;
  end if;
  if known.mask & 3 = 2 then
    teams := access_private.names_of_teams(account, member);
    if teams is null and exists (select from access.team t where t.account_id = account and t.deleted_at is null) then
      return query select 'no_team', format(
        '%s is in no team, so that scope team reaches only what is open to all teams.', known.person
      );
    end if;
  end if;
end $$;
comment on function access.walls_of_rights(uuid, text) is
  'What of a member''s status, roles, exceptions and teams keeps him from rows of a module; a line for each.';
