-- Concern: who the session is. Settings are believed from the gateway's login alone; everybody else is looked up by
-- session_user, which no setting and no SET ROLE changes.

-- Definer: logins and profiles are out of the caller's reach.
create or replace function access.analyst(
  out account_id uuid, out user_id uuid, out team_keys uuid[], out profile name
)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
begin
  select l.account_id, l.user_id, s.team_keys, s.reader_profile into account_id, user_id, team_keys, profile
    from access.analyst_login l
    join access_private.session_profile s on s.account_id = l.account_id and s.user_id = l.user_id
   where l.login = session_user and l.valid @> statement_timestamp() and s.valid @> statement_timestamp();
  -- No rows would look like an empty table to a report; so say it.
  if not found and exists (select from access.analyst_login l where l.login = session_user) then
    raise exception using errcode = '28000', message = 'your access has changed, reconnect';
  end if;
end $$;
comment on function access.analyst() is
  'The member behind an analyst''s login, with reach and reader profile; 28000 where he may not act (any more); nulls for any other session.';

create or replace function access.is_analyst() returns boolean
  language sql stable parallel safe
  return session_user ~ '^cloison_a_[0-9a-f]{20}$';
comment on function access.is_analyst() is 'Whether the session is an analyst''s login: it reads views, and has no table.';

create or replace function access.account_id() returns uuid
  language sql stable parallel safe
  return case when session_user = 'cloison_gateway'
              then nullif(current_setting('cloison.account_id', true), '')::uuid
              else (access.analyst()).account_id end;
comment on function access.account_id() is 'The account in which the session acts; null for nobody.';

create or replace function access.user_id() returns uuid
  language sql stable parallel safe
  return case when session_user = 'cloison_gateway'
              then nullif(current_setting('cloison.user_id', true), '')::uuid
              else (access.analyst()).user_id end;
comment on function access.user_id() is 'The user as whom the session acts; null for nobody.';

create or replace function access.team_keys() returns uuid[]
  language sql stable parallel safe
  return case when session_user = 'cloison_gateway'
              then nullif(current_setting('cloison.team_keys', true), '')::uuid[]
              else (access.analyst()).team_keys end;
comment on function access.team_keys() is
  'Keys of the teams whose rows the session reaches: own, extra and their descendants, and the key of rows open to all.';

-- The setting `role`, unlike current_user, survives the context of a definer function, and cannot be set to a role that
-- the session may not become.
create or replace function access.profile() returns name
  language sql stable parallel safe
  return case when session_user = 'cloison_gateway' then current_setting('role')::name
              else (access.analyst()).profile end;
comment on function access.profile() is 'The profile of the session now.';

-- Immutable with the same warrant as has(): the profile for which a plan is made, as a constant in that plan.
create or replace function access.planned_profile() returns name
  language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
  return access.profile();
end $$;
comment on function access.planned_profile() is 'For policies only: the profile for which the plan at hand is made.';

-- Immutable for a session, since nothing that anybody but a superuser may do changes session_user: in a plan the half that
-- is another kind of session's is not there, and costs nothing.
create or replace function access.planned_for_gateway() returns boolean
  language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
  return session_user = 'cloison_gateway';
end $$;
comment on function access.planned_for_gateway() is 'For policies only: whether the plan at hand is made for the gateway''s login.';

-- An analyst's rights can change while a session keeps a plan: then the plan's constants are another profile's, and the
-- statement is refused. The gateway's plans are kept apart by role, and its role is chosen anew in each transaction.
create or replace function access.analyst_account(planned name) returns uuid
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
declare
  analyst record := access.analyst();
begin
  if analyst.profile is distinct from planned then
    raise exception using errcode = '28000', message = 'your access has changed, reconnect';
  end if;
  return analyst.account_id;
end $$;
comment on function access.analyst_account(name) is 'The account of an analyst while the profile given is his present one; else 28000.';

create or replace function access.account_of(planned name) returns uuid
  language sql stable parallel safe
  return case when access.planned_for_gateway()
              then nullif(current_setting('cloison.account_id', true), '')::uuid
              else access.analyst_account(planned) end;
comment on function access.account_of(name) is
  'For policies only: the account in which the session acts, if the plan at hand is of its present profile.';

create or replace function access.policy_user_id() returns uuid
  language sql stable parallel safe
  return case when access.planned_for_gateway()
              then nullif(current_setting('cloison.user_id', true), '')::uuid
              else (access.analyst()).user_id end;
comment on function access.policy_user_id() is 'For policies only: access.user_id(), decided for the kind of session while planning.';

create or replace function access.policy_team_keys() returns uuid[]
  language sql stable parallel safe
  return case when access.planned_for_gateway()
              then nullif(current_setting('cloison.team_keys', true), '')::uuid[]
              else (access.analyst()).team_keys end;
comment on function access.policy_team_keys() is
  'For policies only: access.team_keys(), decided for the kind of session while planning.';

-- Invoker, because a role cannot be set inside a definer function: the gateway's login may read what this reads.
-- Everything is set for the transaction alone.
create or replace function access.enter(slug text, member uuid, expected name default null) returns name
  language plpgsql volatile
as $$
declare
  entered record;
  ignored text;
begin
  if nullif(current_setting('cloison.user_id', true), '') is not null then
    raise exception using errcode = '25001', message = 'a transaction has one identity';
  end if;
  -- Two statements, since each request pays for what one for both would weigh.
  if enter.slug is null then
    select s.account_id, s.profile, s.team_keys, count(*) over () as choices into entered
      from access_private.session_profile s
     where s.user_id = enter.member and s.valid @> statement_timestamp();
  else
    select s.account_id, s.profile, s.team_keys, 1::bigint as choices into entered
      from access_private.session_profile s
     where s.account_id = (select a.id from access.account a where a.slug = enter.slug)
       and s.user_id = enter.member and s.valid @> statement_timestamp();
  end if;
  -- Of several accounts none is chosen for the user: anybody may have added him to one.
  if entered.choices is distinct from 1 then
    raise exception using errcode = '28000', message = 'no such member';
  end if;
  if entered.profile <> enter.expected then
    raise exception using errcode = 'U0307', message = 'the member has another profile';
  end if;
  ignored := set_config('cloison.account_id', entered.account_id::text, true);
  ignored := set_config('cloison.user_id', enter.member::text, true);
  ignored := set_config('cloison.team_keys', entered.team_keys::text, true);
  ignored := set_config('role', entered.profile::text, true);
  return entered.profile;
end $$;
comment on function access.enter(text, uuid, name) is
  'Makes the transaction act as a member of the account with this slug (null: the only one of the user''s); the profile''s name, or 28000; U0307 if it is not the expected one.';
