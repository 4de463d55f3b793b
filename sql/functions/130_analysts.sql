-- Concern: analysts' logins: made, revoked, and their sessions ended when their rights change.

create or replace function access.create_analyst(account uuid, member uuid, out login name, out password text)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.lock_account(account);
  if not exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.status = 'active' and m.valid @> clock_timestamp()
  ) then
    perform access.not_found('users');
  end if;
  -- Random, because every login can read the names of all roles. 244 bits of randomness for the password.
  login := 'cloison_a_' || left(replace(gen_random_uuid()::text, '-', ''), 20);
  password := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  perform access_private.make_login(login, password);
  insert into access.analyst_login (account_id, user_id, login) values (account, member, create_analyst.login);
end $$;
comment on function access.create_analyst(uuid, uuid) is
  'A new read-only login bound to an active member, with its password, which is kept nowhere (X4).';

create or replace function access.revoke_analyst(login name) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  owner access.analyst_login;
begin
  select * into owner from access.analyst_login l where l.login = revoke_analyst.login and upper_inf(l.valid);
  if not found then
    perform access.not_found('users');
  end if;
  perform access_private.lock_account(owner.account_id);
  perform access_private.close_login(owner.login);
  update access.analyst_login l set valid = tstzrange(lower(l.valid), clock_timestamp())
   where l.account_id = owner.account_id and l.login = owner.login and upper_inf(l.valid);
  insert into access_private.login_change (login, pending) values (owner.login, true)
    on conflict on constraint login_change_pkey do update set pending = true;
end $$;
comment on function access.revoke_analyst(name) is 'Closes an analyst''s login; its open sessions read nothing from the next statement on.';

-- Asked by the gateway twice a second and by the commands that change access, in a transaction of its own: a change is
-- seen here when it is committed, so a session that began before and reads an old snapshot is ended, not one that began after.
-- An end needs no job to be in force for the next statement; an open cursor asks nothing again, so its session goes.
create or replace function access_private.has_passed_an_end(login name, since timestamptz) returns boolean
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select from access.analyst_login l
        join access_private.session_profile s on s.account_id = l.account_id and s.user_id = l.user_id
       where l.login = has_passed_an_end.login and upper(s.valid) > since and upper(s.valid) <= clock_timestamp()
         and not exists (
           select from access_private.session_profile n
            where n.account_id = s.account_id and n.user_id = s.user_id and n.valid @> clock_timestamp()
              and (n.reader_profile, n.team_keys) = (s.reader_profile, s.team_keys)
         )
    ) or exists (
      -- A share that ended, of which no other took the place.
      select from access.analyst_login l
        join access_private.session_profile p
          on p.account_id = l.account_id and p.user_id = l.user_id and p.valid @> clock_timestamp()
        join access.share s
          on s.account_id = l.account_id and (s.user_id = l.user_id or s.team_id = any (p.team_keys))
       where l.login = has_passed_an_end.login and upper(s.valid) > since and upper(s.valid) <= clock_timestamp()
         -- Who sees everything anyway has lost nothing.
         and exists (
           select from access_private.session_profile q
             join access_private.profile_capability c on c.profile = q.reader_profile and c.scope = 'shared'
            where q.account_id = l.account_id and q.user_id = l.user_id and q.valid && s.valid
         )
         and not exists (
           select from access.share n
            where n.account_id = s.account_id and n.row_id = s.row_id and n.receiver_id = s.receiver_id
              and n.valid @> clock_timestamp() and n.actions @> s.actions
         )
    );
  end;
comment on function access_private.has_passed_an_end(name, timestamptz) is
  'Whether what an analyst could read after this moment has ended, and is not what he can read now.';

create or replace function access.end_stale_sessions(longest interval default null) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  ended integer;
begin
  with due as (
    -- One gateway at a time sees to a login; no lock that an analyst could hold decides which.
    update access_private.login_change c set pending = false
     where c.login in (select p.login from access_private.login_change p where p.pending for update skip locked)
    returning c.login
  )
  select count(*) filter (where pg_terminate_backend(a.pid)) into ended
    from pg_catalog.pg_stat_activity a
   where a.usename in (select d.login from due d)
      or (
        a.usename like 'cloison\_a\_%' and a.datname = current_database()
        and (
          a.state = 'active' and a.query_start < clock_timestamp() - longest
          -- An open transaction keeps VACUUM from old rows and a migration from its locks.
          or a.xact_start < clock_timestamp() - 12 * longest
          or access_private.has_passed_an_end(a.usename, a.backend_start)
        )
      );
  return ended;
end $$;
comment on function access.end_stale_sessions(interval) is
  'Ends sessions of analysts whose rights have changed, statements of analysts that run longer than this, and transactions of theirs that are open twelve times as long; how many.';
