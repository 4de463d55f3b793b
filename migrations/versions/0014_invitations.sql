-- Concern: invitations (T10), the e-mails that wait for who delivers them, and whether people subscribe accounts themselves
-- (T8).
set local role cloison_owner;

create table access.invitation (
  account_id uuid not null references access.account (id) on delete no action,
  id uuid not null default access.uuid_v7(),
  email text collate "C" not null check (email = lower(email) and email like '%_@_%' and char_length(email) <= 320),
  name text check (char_length(name) between 1 and 300),
  role_id uuid not null,
  main_team_id uuid,
  team_ids uuid[] not null default '{}',
  token_hash bytea not null check (octet_length(token_hash) = 32),
  invited_by uuid not null,
  invited_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  reason text check (char_length(reason) <= 1000),
  revoked_at timestamptz,
  accepted_at timestamptz,
  accepted_by uuid,
  acceptance xid8,
  primary key (account_id, id),
  constraint invitation_token unique (account_id, token_hash),
  constraint invitation_role_fkey foreign key (account_id, role_id)
    references access.role (account_id, id) on delete no action,
  constraint invitation_team_fkey foreign key (account_id, main_team_id)
    references access.team (account_id, id) on delete no action,
  constraint invitation_invited_by_fkey foreign key (account_id, invited_by)
    references access.member (account_id, user_id) on delete no action,
  constraint invitation_one_end check (revoked_at is null or accepted_at is null),
  constraint invitation_acceptance check ((accepted_at is null) = (accepted_by is null))
);
comment on table access.invitation is
  'Who is invited by e-mail, as what, by whom and until when; of the token only its hash (T10).';
comment on column access.invitation.token_hash is 'SHA-256 of the token, which is in the e-mail alone.';
comment on column access.invitation.acceptance is 'The transaction that accepts it.';

create index invitation_page on access.invitation (account_id, invited_at desc, id desc);
create index invitation_email on access.invitation (account_id, email);

alter table access.invitation
  alter email set statistics 0,
  alter name set statistics 0,
  alter reason set statistics 0;

create table access_private.email (
  account_id uuid not null,
  id uuid not null default access.uuid_v7(),
  kind text collate "C" not null check (kind in ('invitation')),
  about uuid not null,
  recipient text collate "C" not null,
  details jsonb not null,
  secret text collate "C",
  written_at timestamptz not null default clock_timestamp(),
  taken_until timestamptz,
  attempts integer not null default 0,
  delivered_at timestamptz,
  primary key (account_id, id)
);
comment on table access_private.email is
  'E-mails that wait for who delivers them, and which were delivered. Its secret is forgotten with the delivery.';
comment on column access_private.email.about is 'What it is about: the id of an invitation.';

create index email_waiting on access_private.email (written_at) where delivered_at is null;
create index email_about on access_private.email (account_id, about);

alter table access_private.installation add column subscribing boolean not null default false;
comment on column access_private.installation.subscribing is 'Whether anybody who has signed in may make an account.';
