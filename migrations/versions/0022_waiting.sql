-- Concern: what deactivated members would hold and reach if they were active, so that what is done to them is bound by it
-- (C6, G1).
set local role cloison_owner;

create table access_private.waiting_profile (
  account_id uuid not null,
  user_id uuid not null,
  valid tstzrange not null,
  cells text[] not null,
  team_keys uuid[] not null,
  constraint waiting_profile_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, user_id extensions.gist_uuid_ops with =, valid with &&
  )
);
create index waiting_profile_member on access_private.waiting_profile (account_id, user_id);
comment on table access_private.waiting_profile is
  'What each deactivated member would hold, as module:action:scope, and reach by team, now and in each period to come. Nobody acts by it. Kept by triggers, never by hand.';

-- All profiles are computed anew when sql/ is applied, and with them those that wait.
update access_private.installation set registry_version = '';
