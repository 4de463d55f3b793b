-- Concern: shares of single rows with a user or a team, for some actions, with a reason and an optional end (O8).
set local role cloison_owner;

create table access.share (
  account_id uuid not null,
  id uuid not null default access.uuid_v7(),
  module text collate "C" not null references access.module (name) on delete no action,
  row_id uuid not null,
  user_id uuid,
  team_id uuid,
  receiver_id uuid not null generated always as (coalesce(user_id, team_id)) stored,
  actions text[] not null check (cardinality(actions) > 0 and 'view' = any (actions)),
  reason text collate "C" check (char_length(reason) between 1 and 1000),
  given_by uuid not null,
  ended_by uuid,
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  primary key (account_id, id),
  check (num_nonnulls(user_id, team_id) = 1),
  constraint share_user_fkey foreign key (account_id, user_id)
    references access.member (account_id, user_id) on delete no action,
  constraint share_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action,
  constraint share_given_by_fkey foreign key (account_id, given_by)
    references access.member (account_id, user_id) on delete no action,
  constraint share_ended_by_fkey foreign key (account_id, ended_by)
    references access.member (account_id, user_id) on delete no action,
  constraint share_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, row_id extensions.gist_uuid_ops with =,
    receiver_id extensions.gist_uuid_ops with =, valid with &&
  )
);
create index share_user on access.share (account_id, user_id, module) where user_id is not null;
create index share_team on access.share (account_id, team_id, module) where team_id is not null;
create index share_row on access.share (account_id, row_id);
create index share_given_by on access.share (account_id, given_by);
comment on table access.share is
  'Single rows shared with a user or a team, and when: given, replaced and ended by functions, never changed otherwise (O8).';

-- Reasons are what people wrote: no statistics are kept of them.
alter table access.share alter column reason set statistics 0;
