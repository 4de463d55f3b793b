-- Concern: the fixed roles. None has SUPERUSER or BYPASSRLS. Profiles and analysts' logins are made at run time
-- (sql/functions/role_maker.sql).

do $$
declare
  role_name text;
begin
  foreach role_name in array array[
    'cloison_owner', 'cloison_engine', 'cloison_role_maker', 'cloison_signaller', 'cloison_reader', 'cloison_member'
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
alter role cloison_gateway login noinherit nocreatedb nocreaterole;

comment on role cloison_owner is 'Cloison: owns the tables; member of nothing.';
comment on role cloison_engine is 'Cloison: owns the definer functions; sees every row by a policy of its own.';
comment on role cloison_role_maker is 'Cloison: makes profiles and analysts'' logins; reached by narrow functions alone.';
comment on role cloison_signaller is 'Cloison: ends sessions of analysts whose rights changed; reached by one function.';
comment on role cloison_reader is 'Cloison: what every member and analyst may read, by policy.';
comment on role cloison_member is 'Cloison: what every member may write, by policy.';
comment on role cloison_gateway is 'Cloison: the gateway''s login; may enter members'' profiles and nothing else.';

-- A member may read what an analyst may read.
grant cloison_reader to cloison_member;

-- The role-maker hands these two on and nothing else. It gains nothing by them: it cannot log in and does not inherit.
grant cloison_reader to cloison_role_maker with admin option;
grant cloison_member to cloison_role_maker with admin option;

-- The signaller sees when a session began, and may end it.
grant pg_signal_backend to cloison_signaller;
grant pg_read_all_stats to cloison_signaller;
