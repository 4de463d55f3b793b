-- Concern: the fixed roles. None has SUPERUSER or BYPASSRLS. Profiles and analysts' logins are made at run time
-- (sql/functions/050_role_maker.sql).

do $$
declare
  role_name text;
begin
  foreach role_name in array array[
    'cloison_owner', 'cloison_engine', 'cloison_role_maker', 'cloison_signaller', 'cloison_reader', 'cloison_member',
    'cloison_window', 'cloison_analyst'
  ] loop
    if not exists (select from pg_catalog.pg_roles r where r.rolname = role_name) then
      execute format('create role %I nologin noinherit', role_name);
    end if;
  end loop;
  if not exists (select from pg_catalog.pg_roles r where r.rolname = 'cloison_gateway') then
    create role cloison_gateway login noinherit;
  end if;
end $$;

alter role cloison_owner nologin noinherit nocreatedb;
alter role cloison_engine nologin noinherit nocreatedb;
alter role cloison_role_maker nologin noinherit nocreatedb createrole;
alter role cloison_signaller nologin inherit nocreatedb;
alter role cloison_reader nologin inherit nocreatedb;
alter role cloison_member nologin inherit nocreatedb;
alter role cloison_window nologin inherit nocreatedb;
alter role cloison_analyst nologin inherit nocreatedb;
alter role cloison_gateway login noinherit nocreatedb nocreaterole;

comment on role cloison_owner is 'Cloison: owns the tables; member of nothing.';
comment on role cloison_engine is 'Cloison: owns the definer functions; sees every row by a policy of its own.';
comment on role cloison_role_maker is 'Cloison: makes profiles and analysts'' logins; reached by narrow functions alone.';
comment on role cloison_signaller is 'Cloison: ends sessions of analysts whose rights changed; reached by one function.';
comment on role cloison_reader is 'Cloison: what every member may read, by policy.';
comment on role cloison_member is 'Cloison: what every member may write, by policy.';
comment on role cloison_window is 'Cloison: owns the views of analysts, and reads for them what they may read, by policy.';
comment on role cloison_analyst is 'Cloison: what every analyst may read: the views of schema analyst, and no table.';
comment on role cloison_gateway is 'Cloison: the gateway''s login; may enter members'' profiles and nothing else.';

-- A member reads tables, under the policies of readers; an analyst reads through windows, whose owner reads under the same.
grant cloison_reader to cloison_member;
grant cloison_reader to cloison_window;

-- The role-maker hands these two on and nothing else. It gains nothing by them: it cannot log in and does not inherit.
grant cloison_analyst to cloison_role_maker with admin option;
grant cloison_member to cloison_role_maker with admin option;

-- Before there were windows, analysts were readers: those that are there, or come with a restored dump of roles, change over.
do $$
declare
  held record;
begin
  for held in
    select a.member::regrole::text as login, a.grantor::regrole::text as grantor
      from pg_catalog.pg_auth_members a join pg_catalog.pg_roles r on r.oid = a.member
     where a.roleid = 'cloison_reader'::regrole
       and (r.rolname ~ '^cloison_a_[0-9a-f]{20}$' or r.rolname = 'cloison_role_maker')
  loop
    execute format('revoke cloison_reader from %s granted by %s cascade', held.login, held.grantor);
    if held.login <> 'cloison_role_maker' then
      execute format('alter role %s set search_path = analyst', held.login);
      -- By whom it was made, who takes it back one day.
      execute format('grant cloison_analyst to %s', held.login)
        || case when current_setting('server_version_num')::integer >= 160000
                then ' with inherit true, set false' else '' end
        || ' granted by cloison_role_maker';
    end if;
  end loop;
end $$;

-- The signaller sees when a session began, and may end it.
grant pg_signal_backend to cloison_signaller;
grant pg_read_all_stats to cloison_signaller;
