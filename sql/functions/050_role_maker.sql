-- Concern: the only functions that touch the role catalogue. They belong to the role-maker, check the form of each name,
-- and are the engine's alone to call. Text is composed because role commands take no parameters; names go through %I.

create or replace function access_private.make_profile_role(profile_name name, reader boolean) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if profile_name !~ '^cloison_[pr]_[0-9a-f]{32}$' then
    raise exception using errcode = '22023', message = 'not the name of a profile';
  end if;
  if exists (select from pg_catalog.pg_roles r where r.rolname = profile_name) then
    return;
  end if;
  execute format('create role %I nologin inherit', profile_name);
  execute format('grant %I to %I', case when reader then 'cloison_reader' else 'cloison_member' end, profile_name);
  if not reader then
    execute format('grant %I to cloison_gateway', profile_name)
      || case when current_setting('server_version_num')::integer >= 160000
              then ' with inherit false, set true' else '' end;
  end if;
end $$;
comment on function access_private.make_profile_role(name, boolean) is
  'Makes the role of a profile: a reader for analysts, else one that the gateway may enter.';

create or replace function access_private.drop_profile_role(profile_name name) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if profile_name !~ '^cloison_[pr]_[0-9a-f]{32}$' then
    raise exception using errcode = '22023', message = 'not the name of a profile';
  end if;
  execute format('drop role if exists %I', profile_name);
end $$;
comment on function access_private.drop_profile_role(name) is 'Drops the role of a profile that nobody has.';

create or replace function access_private.make_login(login name, password text) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if login !~ '^cloison_a_[0-9a-f]{20}$' then
    raise exception using errcode = '22023', message = 'not the name of a login';
  end if;
  execute format('create role %I login noinherit connection limit 20 password %L', login, password);
  execute format('alter role %I set default_transaction_read_only = on', login);
  execute format('alter role %I set statement_timeout = %L', login, '5min');
  execute format('alter role %I set idle_in_transaction_session_timeout = %L', login, '15min');
  execute format('alter role %I set search_path = crm', login);
end $$;
comment on function access_private.make_login(name, text) is 'Makes an analyst''s login, not yet bound to a profile.';

create or replace function access_private.bind_login(login name, reader_profiles name[]) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  held name;
  wanted name;
begin
  if login !~ '^cloison_a_[0-9a-f]{20}$' then
    raise exception using errcode = '22023', message = 'not the name of a login';
  end if;
  for held in
    select r.rolname from pg_catalog.pg_auth_members m
      join pg_catalog.pg_roles r on r.oid = m.roleid
      join pg_catalog.pg_roles l on l.oid = m.member
     where l.rolname = login and r.rolname <> all (reader_profiles)
  loop
    execute format('revoke %I from %I', held, login);
  end loop;
  foreach wanted in array reader_profiles loop
    if wanted !~ '^cloison_r_[0-9a-f]{32}$' then
      raise exception using errcode = '22023', message = 'not the name of a reader profile';
    end if;
    execute format('grant %I to %I', wanted, login)
      || case when current_setting('server_version_num')::integer >= 160000
              then ' with inherit false, set true' else '' end;
  end loop;
  if cardinality(reader_profiles) > 0 then
    execute format('alter role %I set role = %L', login, reader_profiles[1]);
  else
    execute format('alter role %I reset role', login);
  end if;
end $$;
comment on function access_private.bind_login(name, name[]) is
  'Gives an analyst''s login the reader profiles of its member, now and in periods to come; the first is entered at login.';

create or replace function access_private.close_login(login name) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if login !~ '^cloison_a_[0-9a-f]{20}$' then
    raise exception using errcode = '22023', message = 'not the name of a login';
  end if;
  execute format('alter role %I nologin password null', login);
end $$;
comment on function access_private.close_login(name) is 'Closes an analyst''s login for good; the name is never used again.';
