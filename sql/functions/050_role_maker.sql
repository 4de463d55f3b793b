-- Concern: the only functions that touch the role catalogue. They belong to the role-maker, check the form of each name,
-- and are the engine's alone to call. Text is composed because role commands take no parameters; names go through %I.

create or replace function access_private.make_profile_role(profile_name name) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if profile_name !~ '^cloison_p_[0-9a-f]{32}$' then
    raise exception using errcode = '22023', message = 'not the name of a profile';
  end if;
  if exists (select from pg_catalog.pg_roles r where r.rolname = profile_name) then
    return;
  end if;
  execute format('create role %I nologin inherit', profile_name);
  execute format('grant cloison_member to %I', profile_name);
  execute format('grant %I to cloison_gateway', profile_name)
    || case when current_setting('server_version_num')::integer >= 160000
            then ' with inherit false, set true' else '' end;
end $$;
comment on function access_private.make_profile_role(name) is 'Makes the role of a profile, which the gateway may enter.';

create or replace function access_private.drop_profile_role(profile_name name) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if profile_name !~ '^cloison_p_[0-9a-f]{32}$' then
    raise exception using errcode = '22023', message = 'not the name of a profile';
  end if;
  execute format('drop role if exists %I', profile_name);
end $$;
comment on function access_private.drop_profile_role(name) is 'Drops the role of a profile that nobody has.';

create or replace function access_private.make_login(login name, password text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if login !~ '^cloison_a_[0-9a-f]{20}$' then
    raise exception using errcode = '22023', message = 'not the name of a login';
  end if;
  execute format('create role %I login inherit connection limit 20 password %L', login, password);
  execute format('alter role %I set default_transaction_read_only = on', login);
  execute format('alter role %I set statement_timeout = %L', login, '5min');
  execute format('alter role %I set idle_in_transaction_session_timeout = %L', login, '15min');
  execute format('alter role %I set search_path = analyst', login);
  -- What a sort or a hash may write to the disk. Its owner cannot lift this one; a server whose administrator is no
  -- superuser has not let us set it.
  if has_parameter_privilege('temp_file_limit', 'set') then
    execute format('alter role %I set temp_file_limit = %L', login, '8GB');
  end if;
  execute format('grant cloison_analyst to %I', login)
    || case when current_setting('server_version_num')::integer >= 160000
            then ' with inherit true, set false' else '' end;
end $$;
comment on function access_private.make_login(name, text) is
  'Makes an analyst''s login: it reads the views of schema analyst, whose policies look up by session_user which member it is.';

create or replace function access_private.close_login(login name) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if login !~ '^cloison_a_[0-9a-f]{20}$' then
    raise exception using errcode = '22023', message = 'not the name of a login';
  end if;
  execute format('alter role %I nologin password null', login);
  execute format('revoke cloison_analyst from %I', login);
end $$;
comment on function access_private.close_login(name) is 'Closes an analyst''s login for good; the name is never used again.';
