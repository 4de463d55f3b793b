-- A dry run is a transaction that notes here what it began with, and that cannot be committed while it stands here.
set local role cloison_owner;

create table access_private.preview (
  account_id uuid not null references access.account,
  xid xid8 not null,
  user_id uuid not null,
  began timestamptz not null default clock_timestamp(),
  primary key (account_id, xid)
);
comment on table access_private.preview is 'The dry run of this transaction, and whose it is. A trigger refuses to commit it.';

create table access_private.preview_profile (
  account_id uuid not null,
  xid xid8 not null,
  user_id uuid not null,
  profile name not null,
  team_keys uuid[] not null,
  primary key (account_id, xid, user_id),
  foreign key (account_id, xid) references access_private.preview
);
comment on table access_private.preview_profile is 'What each member held and reached when a dry run began.';

create table access_private.preview_row (
  account_id uuid not null,
  xid xid8 not null,
  module text collate "C" not null,
  row_id uuid not null,
  people uuid[] not null,
  team_keys uuid[] not null,
  foreign key (account_id, xid) references access_private.preview
);
comment on table access_private.preview_row is
  'Rows whose owner or teams a dry run changed or deleted: whose they were, and by which keys teams reached them.';
