-- Concern: operators (T8), who set kinds and tiers of accounts. They are named from outside, in the table of operators, and
-- hold nothing else by it: no row, no capability, and no account that they are not members of.

create or replace function access.add_operator(email text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := (select u.id from access.app_user u where u.email = access_private.address_key(add_operator.email));
begin
  if person is null then
    perform access.not_found('users', 'email');
  end if;
  insert into access_private.operator (user_id) values (person) on conflict do nothing;
end $$;
comment on function access.add_operator(text) is 'Makes a user an operator; U0404 where nobody has this e-mail. For administrators of the database alone.';

create or replace function access.remove_operator(email text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  delete from access_private.operator o
   using access.app_user u where u.id = o.user_id and u.email = access_private.address_key(remove_operator.email);
  if not found then
    perform access.not_found('users', 'email');
  end if;
end $$;
comment on function access.remove_operator(text) is 'Makes an operator an ordinary user again; U0404 where he is none. For administrators of the database alone.';

create or replace function access_private.require_operator() returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' and not exists (
    select from access_private.operator o where o.user_id = access.user_id()
  ) then
    raise exception using
      errcode = 'U0403', message = 'kinds and tiers of accounts are set by operators of this service',
      detail = '{"requestable": false}';
  end if;
end $$;
comment on function access_private.require_operator() is 'U0403 unless the session''s user is an operator, whatever he names; it cannot be requested.';

create or replace function access.set_account(slug text, kind text default null, tiers jsonb default null) returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  target uuid;
  wanted record;
  for_teams text[];
begin
  perform access_private.require_operator();
  target := (select a.id from access.account a where a.slug = set_account.slug);
  if target is null then
    perform access.not_found('accounts', 'slug');
  end if;
  if kind is null and coalesce(jsonb_array_length(tiers), 0) = 0 then
    perform access.bad_input('kind', 'name a kind, tiers, or both');
  end if;
  if kind is not null and kind not in ('customer', 'solutions_partner', 'provider') then
    perform access.bad_input('kind', 'is customer, solutions_partner or provider');
  end if;
  perform access_private.lock_account(target);
  for_teams := access_private.content_for_teams(target);
  if kind is not null then
    perform access.set_account_kind(target, kind);
  end if;
  for wanted in
    select t ->> 'hub' as hub, t ->> 'tier' as tier, count(*) over (partition by t ->> 'hub') as times
      from jsonb_array_elements(tiers) as t
  loop
    if wanted.hub is null or wanted.hub not in ('marketing', 'sales', 'service', 'cms', 'operations') then
      perform access.bad_input('tiers', 'a hub is marketing, sales, service, cms or operations');
    end if;
    if wanted.tier is null or wanted.tier not in ('free', 'professional', 'enterprise') then
      perform access.bad_input('tiers', 'a tier is free, professional or enterprise');
    end if;
    if wanted.times > 1 then
      perform access.bad_input('tiers', 'names a hub twice');
    end if;
    perform access.set_account_tier(target, wanted.hub, wanted.tier);
  end loop;
  perform access_private.note_new_content(target, for_teams, access_private.restricts_now(target));
  return (select a.kind from access.account a where a.id = target);
end $$;
comment on function access.set_account(text, text, jsonb) is
  'Sets kind and tiers of any account, for operators alone; what is left out stays. Its kind (T8). access.notes() says what will be different.';

create or replace function access.tiers_for_operator(slug text) returns table (place bigint, hub text, tier text)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.require_operator();
  return query
    select h.place, h.hub, coalesce((
      select t.tier from access.account_tier t join access.account a on a.id = t.account_id
       where a.slug = tiers_for_operator.slug and t.hub = h.hub and t.valid @> clock_timestamp()
    ), 'free')
      from unnest(array['marketing', 'sales', 'service', 'cms', 'operations']) with ordinality h (hub, place);
end $$;
comment on function access.tiers_for_operator(text) is 'What an account subscribes to, by hub, for operators alone (T8).';
