-- Concern: invitations (T10). Who invites is bound as who adds a member is: the invitation is tried, and undone. It is tried
-- again when it is accepted, as whoever invited is then.

-- A token is for one account, in which it is looked up by its hash: 16 bytes of the account's id, and 32 at random.
create or replace function access_private.new_token(account uuid) returns text
  language sql volatile
  return translate(
    encode(
      uuid_send(account) || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
      'base64'
    ),
    '+/' || chr(10), '-_'
  );
comment on function access_private.new_token(uuid) is 'A token of 64 characters that fit into a link, 256 bits of them random.';

create or replace function access_private.account_of_token(token text) returns uuid
  language sql immutable
  return case when token ~ '^[A-Za-z0-9_-]{64}$'
              then encode(substring(decode(translate(token, '-_', '+/'), 'base64') from 1 for 16), 'hex')::uuid end;
comment on function access_private.account_of_token(text) is 'The account that a token is for; null for what is no token.';

create or replace function access_private.hash_of_token(token text) returns bytea
  language sql immutable
  return sha256(convert_to(token, 'UTF8'));
comment on function access_private.hash_of_token(text) is 'What is kept of a token.';

create or replace function access_private.invitation_end(until timestamptz) returns timestamptz
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  if until <= clock_timestamp() or until > clock_timestamp() + interval '30 days' then
    perform access.bad_input('until', 'an invitation ends within 30 days from now');
  end if;
  return coalesce(until, clock_timestamp() + interval '7 days');
end $$;
comment on function access_private.invitation_end(timestamptz) is 'When an invitation ends: as given, or in a week; U0400 where that is over or too far.';

-- The very thing is done, with all that bounds it, and undone.
create or replace function access_private.try_admission(invitation access.invitation) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  withheld text;
begin
  perform access_private.admit(
    invitation.account_id, access_private.user_for(invitation.email),
    access_private.display_name(invitation.name, invitation.email),
    invitation.role_id, invitation.main_team_id, invitation.team_ids
  );
  withheld := current_setting('cloison.withheld', true);
  raise exception using errcode = 'U0309', message = 'undone';
exception when sqlstate 'U0309' then
  -- What he would not get is said, though nothing of it stays (G1).
  perform set_config('cloison.withheld', coalesce(withheld, ''), true);
end $$;
comment on function access_private.try_admission(access.invitation) is
  'Raises what would be raised if the person were made a member now by whoever administers, and tells what would be withheld; nothing else of it stays.';

create or replace function access_private.send_invitation(invitation access.invitation, token text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.withdraw_emails(invitation.account_id, invitation.id);
  insert into access_private.email (account_id, kind, about, recipient, details, secret)
    select invitation.account_id, 'invitation', invitation.id, invitation.email,
           jsonb_build_object(
             'account', a.name, 'invitedBy', m.name, 'until', invitation.expires_at,
             'name', access_private.display_name(invitation.name, invitation.email)
           ),
           token
      from access.account a join access.member m on m.account_id = a.id
     where a.id = invitation.account_id and m.user_id = invitation.invited_by
    on conflict do nothing;
end $$;
comment on function access_private.send_invitation(access.invitation, text) is
  'Puts the e-mail with the token into the outbox, in place of one that was not delivered.';

create or replace function access.invite_member(
  account uuid, email text, name text, role uuid, main_team uuid default null, teams uuid[] default '{}',
  until timestamptz default null, inviter uuid default null
) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  made access.invitation;
  token text := access_private.new_token(account);
begin
  perform access_private.authorize(account, 'users');
  if session_user = 'cloison_gateway' then
    inviter := access.user_id();
  elsif not exists (
    select from access.membership m
     where m.account_id = account and m.user_id = inviter and m.status = 'active' and m.valid @> clock_timestamp()
  ) then
    perform access.not_found('users', 'inviter');
  end if;
  made.account_id := account;
  made.id := access.uuid_v7();
  made.email := access_private.checked_address(email);
  made.name := left(nullif(trim(name), ''), 300);
  made.role_id := role;
  made.main_team_id := main_team;
  made.team_ids := coalesce(teams, '{}');
  made.token_hash := access_private.hash_of_token(token);
  made.invited_by := inviter;
  made.invited_at := clock_timestamp();
  made.expires_at := access_private.invitation_end(until);
  made.reason := left(nullif(current_setting('cloison.reason', true), ''), 1000);
  perform access_private.try_admission(made);
  if exists (
    select from access.invitation i
     where i.account_id = account and i.email = made.email
       and i.revoked_at is null and i.accepted_at is null and i.expires_at > clock_timestamp()
  ) then
    perform access.conflict('this address is invited already: send that invitation again, or revoke it');
  end if;
  insert into access.invitation select made.* on conflict do nothing;
  perform access_private.send_invitation(made, token);
  return made.id;
end $$;
comment on function access.invite_member(uuid, text, text, uuid, uuid, uuid[], timestamptz, uuid) is
  'Invites somebody by e-mail, as a member of a role and of teams, until a moment (a week from now); the invitation''s id. An operator says in whose name.';

create or replace function access_private.open_invitation(account uuid, invitation uuid) returns access.invitation
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found_one access.invitation;
begin
  select * into found_one from access.invitation i where i.account_id = account and i.id = invitation;
  if not found then
    perform access.not_found('users', 'invitation');
  elsif found_one.accepted_at is not null then
    perform access.conflict('the invitation was accepted already');
  elsif found_one.revoked_at is not null then
    perform access.conflict('the invitation was revoked');
  end if;
  return found_one;
end $$;
comment on function access_private.open_invitation(uuid, uuid) is
  'An invitation of the account that is neither accepted nor revoked; U0404 or U0409.';

create or replace function access.resend_invitation(account uuid, invitation uuid, until timestamptz default null)
  returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  again access.invitation;
  token text := access_private.new_token(account);
begin
  perform access_private.authorize(account, 'users');
  again := access_private.open_invitation(account, invitation);
  -- Who sends it again invites: as far as he may, and in his name.
  again.invited_by := coalesce(access_private.actor(), again.invited_by);
  again.expires_at := access_private.invitation_end(until);
  again.token_hash := access_private.hash_of_token(token);
  perform access_private.try_admission(again);
  update access.invitation i
     set invited_by = again.invited_by, expires_at = again.expires_at, token_hash = again.token_hash
   where i.account_id = account and i.id = invitation;
  perform access_private.send_invitation(again, token);
  return invitation;
end $$;
comment on function access.resend_invitation(uuid, uuid, timestamptz) is
  'Sends an invitation again, with another token and another end: the token of before is void. Its id.';

create or replace function access.revoke_invitation(account uuid, invitation uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'users');
  perform access_private.open_invitation(account, invitation);
  update access.invitation i set revoked_at = clock_timestamp() where i.account_id = account and i.id = invitation;
  perform access_private.withdraw_emails(account, invitation);
end $$;
comment on function access.revoke_invitation(uuid, uuid) is 'Takes an invitation back: its token is void.';

create or replace function access.forget_invitations() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
  forgotten integer;
begin
  -- Addresses of people who never came are nobody's to keep.
  delete from access.invitation i
   where i.accepted_at is null and coalesce(i.revoked_at, i.expires_at) < present - interval '90 days';
  get diagnostics forgotten = row_count;
  delete from access_private.email e
   where e.delivered_at < present - interval '90 days'
      or not exists (select from access.invitation i where i.account_id = e.account_id and i.id = e.about);
  update access_private.email e set secret = null
   where e.secret is not null and exists (
     select from access.invitation i where i.account_id = e.account_id and i.id = e.about and i.expires_at <= present
   );
  return forgotten;
end $$;
comment on function access.forget_invitations() is
  'Forgets invitations that came to nothing 90 days ago, and their e-mails; how many. A gateway calls it now and then.';

create or replace function access_private.erase_invitations(person uuid, account uuid default null) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  with gone as (
    delete from access.invitation i
     where (i.accepted_by = person or i.email = (select u.email from access.app_user u where u.id = person))
       and (account is null or i.account_id = account)
    returning i.account_id, i.id
  ),
  unsaid as (
    update access.access_log l set reason = null from gone g
     where l.account_id = g.account_id and l.row_id = g.id and l.kind = 'invitation' and l.reason is not null
  )
  delete from access_private.email e using gone g where e.account_id = g.account_id and e.about = g.id;
end $$;
comment on function access_private.erase_invitations(uuid, uuid) is
  'Forgets the invitations of a person who is erased, with their e-mails: in one account, or in all.';
