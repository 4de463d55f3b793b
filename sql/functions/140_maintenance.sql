-- Concern: what operators run: after a change of the registry, after a restore, and to tidy up.

create or replace function access_private.refresh_all() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid;
  accounts integer := 0;
begin
  -- All of them first, in order: a change of one account that waits for the lock on profiles holds only its own.
  perform from access.account a order by a.id for no key update;
  for account in select a.id from access.account a order by a.id loop
    perform access_private.lock_account(account);
    -- A login that was left behind in another cluster can never come back under its name.
    update access.analyst_login l set valid = tstzrange(lower(l.valid), clock_timestamp())
     where l.account_id = account and l.valid @> clock_timestamp()
       and not exists (select from pg_catalog.pg_roles r where r.rolname = l.login);
    perform access_private.update_closure(account);
    perform access_private.refresh(account);
    accounts := accounts + 1;
  end loop;
  return accounts;
end $$;
comment on function access_private.refresh_all() is
  'Recomputes closures and profiles of every account: after a restore (roles are not in a dump) or a change of the registry.';

-- Names of profiles hold what can be held and the database itself, and their roles are not in its dump.
create or replace function access_private.are_profiles_of(version text) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select from access_private.installation i join pg_catalog.pg_database d on d.oid = i.database
       where i.registry_version = version and d.datname = current_database()
    ) and not exists (
      select from access_private.session_profile s
       where not exists (select from pg_catalog.pg_roles r where r.rolname = s.profile)
    ) and not exists (
      -- Two servers give their first databases the same number.
      select from access_private.profile p
       where p.name in (
         select s.profile from access_private.session_profile s
         union
         select s.reader_profile from access_private.session_profile s
       )
         and p.name <> access_private.profile_name(
           array(
             select c.module || ':' || c.action || ':' || c.scope from access_private.profile_capability c
              where c.profile = p.name order by c.module, c.action, c.scope
           ),
           p.reader
         )
    );
  end;
comment on function access_private.are_profiles_of(text) is
  'Whether all profiles are of this version of the registry and of this database, and their roles exist; else refresh_all().';

-- A profile's rows go with the profile; the trigger that forbids any other change lets this through.
create or replace function access.remove_unused_profiles(unused_for interval default '1 day') returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  unused name;
  removed integer := 0;
begin
  -- The same locks as assigning takes, on the table for a profile that is not there, on its row for one that is: nobody can
  -- be given a profile that is being removed.
  lock table access_private.profile in share row exclusive mode;
  update access_private.profile p set unused_since = case when p.unused_since is null then clock_timestamp() end
   where (p.unused_since is null) <> exists (
     select from access_private.session_profile s where p.name in (s.profile, s.reader_profile)
   );
  for unused in
    select p.name from access_private.profile p where p.unused_since <= clock_timestamp() - unused_for
     order by p.name limit 1000
       for update skip locked
  loop
    -- A statement of its own: it sees who was given the profile before its row was locked.
    if exists (select from access_private.session_profile s where unused in (s.profile, s.reader_profile)) then
      continue;
    end if;
    if unused like 'cloison\_p\_%' then
      perform access_private.drop_profile_role(unused);
    end if;
    delete from access_private.profile_capability c where c.profile = unused;
    delete from access_private.profile p where p.name = unused;
    removed := removed + 1;
  end loop;
  return removed;
end $$;
comment on function access.remove_unused_profiles(interval) is
  'Removes profiles that no member has had for this long, a thousand at most; how many. A gateway calls it now and then.';
