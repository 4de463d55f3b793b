-- Concern: accounts (T8), for operators alone.

create or replace function access_private.user_for(email text, field text default 'email') returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found_id uuid;
  -- Who has been here since other addresses were taken is found by his.
  address text := access_private.address_key(email);
begin
  select u.id into found_id from access.app_user u where u.email = address;
  if found_id is null then
    address := access_private.checked_address(email, field);
    insert into access.app_user (email) values (address)
    on conflict on constraint app_user_email_key do nothing
    returning id into found_id;
  end if;
  if found_id is null then
    select u.id into strict found_id from access.app_user u where u.email = address;
  end if;
  return found_id;
end $$;
comment on function access_private.user_for(text, text) is 'The user with this e-mail, made where there is none (T2).';

create or replace function access_private.display_name(name text, email text) returns text
  language sql immutable
  return left(coalesce(nullif(trim(name), ''), split_part(trim(email), '@', 1)), 300);
comment on function access_private.display_name(text, text) is 'How an account calls a member: the name given, else the local part of his e-mail.';

create or replace function access.create_account(slug text, name text, owner_email text, owner_name text default null)
  returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid := access.uuid_v7();
  owner uuid;
begin
  if slug is null or slug !~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$' then
    perform access.bad_input('slug', 'a slug has 1 to 63 of a-z, 0-9 and -, and does not begin or end with -');
  end if;
  if nullif(trim(name), '') is null then
    perform access.bad_input('name', 'an account has a name');
  end if;
  owner := access_private.user_for(owner_email, 'owner_email');
  begin
    insert into access.account (id, slug, name) values (account, create_account.slug, create_account.name);
  exception when unique_violation then
    perform access.conflict('there is an account with this slug');
  end;
  perform access_private.lock_account(account);
  insert into access.role (account_id, name, builtin)
    select account, b.role, b.role from (select distinct c.role from access.builtin_role_cell c union select 'Owner') b
    on conflict do nothing;
  insert into access.member (account_id, user_id, name)
  values (account, owner, access_private.display_name(owner_name, owner_email));
  insert into access.membership (account_id, user_id, role_id, super_admin)
    select account, owner, r.id, true from access.role r where r.account_id = account and r.builtin = 'Owner'
    on conflict do nothing;
  return account;
end $$;
comment on function access.create_account(text, text, text, text) is
  'A new account with its built-in roles; who subscribes it is its owner and super admin (T8).';

create or replace function access.set_account_kind(account uuid, kind text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.lock_account(account);
  update access.account a set kind = set_account_kind.kind where a.id = account and a.kind is distinct from set_account_kind.kind;
end $$;
comment on function access.set_account_kind(uuid, text) is 'Customer, solutions_partner or provider (T8).';

create or replace function access.set_account_tier(account uuid, hub text, tier text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
begin
  perform access_private.lock_account(account);
  present := clock_timestamp();
  if access_private.tier_set(account, hub) = set_account_tier.tier then
    return;
  end if;
  update access.account_tier t set valid = tstzrange(lower(t.valid), present)
   where t.account_id = account and t.hub = set_account_tier.hub and t.valid @> present;
  insert into access.account_tier (account_id, hub, tier, valid)
    select account, set_account_tier.hub, set_account_tier.tier, tstzrange(present, null)
    on conflict do nothing;
end $$;
comment on function access.set_account_tier(uuid, text, text) is 'Subscription of a hub: free, professional or enterprise (T8).';

create or replace function access_private.tier_set(account uuid, hub_name text) returns text
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select t.tier from access.account_tier t
     where t.account_id = account and t.hub = hub_name and t.valid @> clock_timestamp();
  end;
comment on function access_private.tier_set(uuid, text) is 'The tier of a hub as it was set; null where none was.';

create or replace function access_private.tier_of(account uuid, hub_name text) returns integer
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select coalesce(max(case t.tier when 'enterprise' then 2 when 'professional' then 1 else 0 end), 0)
      from access.account_tier t
     where t.account_id = account and (hub_name is null or t.hub = any (string_to_array(hub_name, ',')))
       and t.valid @> statement_timestamp();
  end;
comment on function access_private.tier_of(uuid, text) is
  'The highest tier of the named hubs, or of any: free 0, professional 1, enterprise 2.';
