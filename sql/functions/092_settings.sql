-- Concern: settings of an account (O3): what is on, who switches it, and what it does.

create or replace function access_private.is_partitioned(account uuid, module_name text) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select access_private.tier_of(account, m.hub) >= (case m.tier when 'enterprise' then 2 when 'professional' then 1 else 0 end)
      from access.module m where m.name = module_name;
  end;
comment on function access_private.is_partitioned(uuid, text) is 'Whether the account''s tier lets rows of the module be given to teams.';

create or replace function access_private.is_switched_on(account uuid, setting text) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select from access.account_setting s
       where s.account_id = account and s.name = setting and s.valid @> statement_timestamp()
    );
  end;
comment on function access_private.is_switched_on(uuid, text) is 'Whether a setting of an account is on.';

create or replace function access.set_restrict_new_content(account uuid, restrict boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
  restricted_before boolean;
begin
  perform access_private.authorize(account, 'settings');
  restricted_before := access_private.restricts_now(account);
  if restrict is null then
    perform access.bad_input('restrict', 'is either true or false');
  end if;
  present := clock_timestamp();
  if not restrict then
    update access.account_setting s set valid = tstzrange(lower(s.valid), present)
     where s.account_id = account and s.name = 'restrict_new_content' and s.valid @> present;
  else
    insert into access.account_setting (account_id, name, valid)
    values (account, 'restrict_new_content', tstzrange(present, null))
    on conflict do nothing;
  end if;
  perform access_private.note_new_content(account, access_private.content_for_teams(account), restricted_before);
end $$;
comment on function access.set_restrict_new_content(uuid, boolean) is
  'Switches "restrict new content" on or off, for who may configure settings (O3).';

-- In effect where the module can be partitioned at all: below its tier nothing is restricted anew.
create or replace function access.teams_of_new_content(module_name text) returns uuid[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select case
      when access_private.is_switched_on(access.account_id(), 'restrict_new_content')
        and access_private.is_partitioned(access.account_id(), module_name)
      then array_remove(array[access.main_team_of(access.user_id())], null)
    end;
  end;
comment on function access.teams_of_new_content(text) is
  'The teams to which new content of the session''s member starts restricted, his main team or none; null: it starts open (O3).';

create or replace function access.restricts_new_content() returns boolean
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  return access_private.is_switched_on(access.account_id(), 'restrict_new_content');
comment on function access.restricts_new_content() is 'Whether the session''s account has switched "restrict new content" on.';

create or replace function access.modules_restricted_anew() returns text[]
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select m.name from access.module m
       where m.kind = 'asset' and access_private.is_switched_on(access.account_id(), 'restrict_new_content')
         and access_private.is_partitioned(access.account_id(), m.name)
       order by m.name
    );
  end;
comment on function access.modules_restricted_anew() is 'Modules of content in which a new row of the session''s account starts restricted.';

create or replace function access.tiers() returns table (place bigint, hub text, tier text)
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select h.place, h.hub, coalesce((
      select t.tier from access.account_tier t
       where t.account_id = access.account_id() and t.hub = h.hub and t.valid @> statement_timestamp()
    ), 'free')
      from unnest(array['marketing', 'sales', 'service', 'cms', 'operations']) with ordinality h (hub, place)
     where access.account_id() is not null;
  end;
comment on function access.tiers() is 'What the session''s account subscribes to, by hub (T8).';
