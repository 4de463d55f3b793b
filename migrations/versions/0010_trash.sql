-- Concern: rows that were deleted, until they are restored or purged; and members whose name was erased. The trash refers
-- to nothing by foreign key: it outlives what it tells of.
set local role cloison_owner;

create table access.trash (
  account_id uuid not null,
  id uuid not null default access.uuid_v7(),
  module text collate "C" not null,
  row_id uuid not null,
  part_of uuid,
  label text collate "C",
  content jsonb not null,
  owner_id uuid,
  creator uuid not null,
  team_id uuid,
  open_to_all boolean not null default false,
  team_ids uuid[] not null default '{}',
  restricted boolean not null default false,
  deleted_by uuid,
  operator text collate "C",
  deleted_at timestamptz not null default clock_timestamp(),
  transaction_id xid8 not null default pg_current_xact_id(),
  restoring boolean not null default false,
  primary key (account_id, id),
  constraint trash_somebody check ((deleted_by is null) <> (operator is null))
);
comment on table access.trash is
  'Rows that were deleted, as they were but for their sensitive columns, until they are restored or purged.';
comment on column access.trash.part_of is 'The entry of the row to which this one belonged and with which it went; null: it went by itself.';
comment on column access.trash.creator is 'By whom scope `created` reaches it.';
comment on column access.trash.restoring is 'True within the transaction that restores it, and seen by no other.';

create index trash_page on access.trash (account_id, deleted_at desc, id desc) where part_of is null;
create index trash_row on access.trash (account_id, row_id);
create index trash_part on access.trash (account_id, part_of) where part_of is not null;

create table access.trash_sensitive (
  account_id uuid not null,
  id uuid not null,
  content jsonb not null,
  primary key (account_id, id)
);
comment on table access.trash_sensitive is 'The sensitive columns of rows in the trash, by the id of the entry.';

create table access_private.trash_link (
  account_id uuid not null,
  source text collate "C" not null,
  attribute text collate "C" not null,
  holder_id uuid not null,
  target_id uuid not null,
  primary key (account_id, source, attribute, holder_id, target_id)
);
create index trash_link_target on access_private.trash_link (account_id, target_id);
comment on table access_private.trash_link is
  'What referred to rows that are in the trash, and pairs of them: made again when both ends are there. source: the module, or the table of pairs; attribute: the column, empty for pairs.';

-- Statistics of columns are over all accounts, and EXPLAIN shows everybody the planner's estimates.
alter table access.trash
  alter label set statistics 0,
  alter content set statistics 0,
  alter operator set statistics 0;
alter table access.trash_sensitive alter content set statistics 0;

alter table access.member add column erased_at timestamptz;
create index member_erased on access.member (account_id) where erased_at is not null;
comment on column access.member.erased_at is 'When the name was erased; from then on the account knows no address of the person either.';

alter table access.access_log drop constraint access_log_kind_check;
alter table access.access_log add constraint access_log_kind_check check (kind in (
  'membership', 'exception', 'team_member', 'analyst_login', 'role', 'role_cell', 'team_role', 'team', 'team_edge',
  'account', 'tier', 'assignment', 'restoration', 'purge', 'erasure'
));
