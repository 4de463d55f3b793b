-- Concern: people who have signed in and are members of nothing yet: they accept an invitation (T10), subscribe an account
-- (T8), and ask where they are members. The gateway's login calls these before it has an identity, and says who it is that
-- has signed in: the subject of a token, and the address that its issuer has verified. Members cannot call them.

create or replace function access_private.require_nobody() returns void
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  if nullif(current_setting('cloison.user_id', true), '') is not null then
    raise exception using errcode = '25001', message = 'a transaction has one identity';
  end if;
end $$;
comment on function access_private.require_nobody() is '25001 where the transaction acts as somebody already.';

-- The address that we know a user by is that of the user; what a token says counts for who is none yet.
create or replace function access_private.address_of(person uuid, email text) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select coalesce(
      (select u.email from access.app_user u where u.id = person),
      case when access_private.is_address(access_private.address_key(email)) then access_private.address_key(email) end
    );
  end;
comment on function access_private.address_of(uuid, text) is 'The e-mail of a person who has signed in; null where none is known, or none that we take.';

create or replace function access_private.be_user(person uuid, address text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into access.app_user (id, email) values (person, address) on conflict do nothing;
  if not exists (select from access.app_user u where u.id = person and u.email = address) then
    perform access.conflict('your e-mail address is that of a user with another id, which your token has to name');
  end if;
end $$;
comment on function access_private.be_user(uuid, text) is
  'Makes a user of a person, with the id under which they sign in; U0409 where somebody else has the address (T2).';

create or replace function access_private.account_shown(account uuid) returns jsonb
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select jsonb_build_object('id', a.id, 'slug', a.slug, 'name', a.name, 'kind', a.kind)
      from access.account a where a.id = account;
  end;
comment on function access_private.account_shown(uuid) is 'What a member of an account is told of it.';

create or replace function access.accounts_of(person uuid) returns jsonb
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select coalesce(jsonb_agg(access_private.account_shown(a.id) order by a.name, a.id), '[]')
      from access_private.session_profile s join access.account a on a.id = s.account_id
     where s.user_id = person and s.valid @> statement_timestamp();
  end;
comment on function access.accounts_of(uuid) is 'The accounts in which a person can act now, by name.';

-- Whatever is wrong with a token is answered alike, and only for who has it, and its address, is there anything else.
create or replace function access.open_token(
  token text, person uuid, email text, out slug text, out inviter uuid, out invitation uuid, out account jsonb
)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := access_private.account_of_token(token);
  hash bytea := access_private.hash_of_token(token);
  address text := access_private.address_of(person, email);
  invited access.invitation;
  status text;
begin
  perform access_private.require_nobody();
  if not exists (
    select from access.invitation i where i.account_id = tenant and i.token_hash = hash and i.email = address
  ) then
    perform access.not_found('invitations');
  end if;
  perform access_private.lock_account(tenant);
  select * into invited from access.invitation i where i.account_id = tenant and i.token_hash = hash;
  select m.status into status from access.membership m
   where m.account_id = tenant and m.user_id = person and m.valid @> clock_timestamp();
  account := access_private.account_shown(tenant);
  if invited.accepted_by = person and status = 'active' then
    return;
  elsif invited.id is null or invited.email <> address or invited.revoked_at is not null or invited.accepted_at is not null
     or invited.expires_at <= clock_timestamp() then
    perform access.not_found('invitations');
  elsif status = 'deactivated' then
    perform access.conflict('you are a member of this account, and deactivated: ask those who administer it');
  elsif status is not null then
    perform access.conflict('you are a member of this account already');
  end if;
  perform access_private.be_user(person, address);
  update access.invitation i set acceptance = pg_current_xact_id()
   where i.account_id = tenant and i.id = invited.id;
  inviter := invited.invited_by;
  invitation := invited.id;
  slug := account ->> 'slug';
  perform set_config('cloison.reason', coalesce(invited.reason, ''), true);
end $$;
comment on function access.open_token(text, uuid, text) is
  'Opens an invitation for a person who has its token and its address: as whom it is to be fulfilled now. Without an inviter, it is theirs already. U0404 for every other token, U0409 for a member.';

-- By the inviter, in the transaction in which the token was opened: so the person gets what the inviter may give now.
create or replace function access.fulfil_invitation(invitation uuid, person uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := access.account_id();
  invited access.invitation;
begin
  select * into invited from access.invitation i
   where i.account_id = tenant and i.id = invitation and i.invited_by = access.user_id()
     and i.acceptance = pg_current_xact_id() and i.accepted_at is null;
  if not found or not exists (select from access.app_user u where u.id = person and u.email = invited.email) then
    perform access.not_found('invitations');
  end if;
  begin
    perform access_private.admit(
      tenant, person, access_private.display_name(invited.name, invited.email),
      invited.role_id, invited.main_team_id, invited.team_ids
    );
  exception when sqlstate 'U0403' or sqlstate 'U0404' or sqlstate 'U0400' then
    perform access.conflict('who invited you may not give any more what the invitation says: ask for another one');
  end;
  update access.invitation i set accepted_at = clock_timestamp(), accepted_by = person
   where i.account_id = tenant and i.id = invitation;
  perform access_private.withdraw_emails(tenant, invitation);
end $$;
comment on function access.fulfil_invitation(uuid, uuid) is
  'Makes the person a member by whose opened token it is, within what the inviter holds and reaches now (T10, C6, G1).';

-- Invoker, because it enters, which cannot be done inside a definer function.
create or replace function access.accept_invitation(token text, person uuid, email text) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  opened record;
begin
  opened := access.open_token(token, person, email);
  if opened.inviter is null then
    return opened.account;
  end if;
  begin
    perform access.enter(opened.slug, opened.inviter);
  exception when invalid_authorization_specification then
    raise exception using
      errcode = 'U0409', detail = '{}',
      message = 'who invited you may not give any more what the invitation says: ask for another one';
  end;
  perform access.fulfil_invitation(opened.invitation, person);
  return opened.account;
end $$;
comment on function access.accept_invitation(text, uuid, text) is
  'Accepts the invitation with this token for a person who has signed in, whose address it names: the account; U0404, U0409 (T10).';

create or replace function access.subscribe_account(
  slug text, name text, person uuid, email text, idempotency_key text default null
) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  nowhere constant uuid := '00000000-0000-0000-0000-000000000000';
  address text := access_private.address_of(person, email);
  earlier access_private.answer;
  account uuid;
begin
  perform access_private.require_nobody();
  if not (select i.subscribing from access_private.installation i) then
    raise exception using
      errcode = 'U0403', message = 'accounts are made by whoever operates this service', detail = '{"requestable": false}';
  end if;
  if address is null then
    perform access.conflict('your token names no e-mail address that was verified');
  end if;
  perform access_private.be_user(person, address);
  if idempotency_key is not null then
    earlier := access_private.claim(
      nowhere, person, idempotency_key, 'subscribeAccount', sha256(convert_to(jsonb_build_array(slug, name)::text, 'UTF8'))
    );
    if earlier.key is not null then
      return access_private.account_shown(earlier.made::uuid);
    end if;
  end if;
  perform set_config('cloison.user_id', person::text, true);
  account := access.create_account(slug, name, address);
  update access_private.answer a set made = account::text
   where a.account_id = nowhere and a.user_id = person and a.key = idempotency_key;
  return access_private.account_shown(account);
end $$;
comment on function access.subscribe_account(text, text, uuid, text, text) is
  'Makes an account for a person who has signed in, who is its owner and super admin (T8); U0403 where operators have not allowed that.';

create or replace function access.allow_subscribing(allowed boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update access_private.installation i set subscribing = allowed where i.only_one;
end $$;
comment on function access.allow_subscribing(boolean) is 'Says whether people who have signed in may make accounts; for operators.';
