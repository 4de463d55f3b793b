-- Concern: the history of access (X5): a row for each change of it, which nobody changes. It refers to nothing by foreign
-- key, since it outlives what it tells of, and a key would be looked up for each of a hundred thousand assignments.
set local role cloison_owner;

create table access.access_log (
  account_id uuid not null,
  id uuid not null default access.uuid_v7(),
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  operator text collate "C",
  kind text collate "C" not null check (kind in (
    'membership', 'exception', 'team_member', 'analyst_login', 'role', 'role_cell', 'team_role', 'team', 'team_edge',
    'account', 'tier', 'assignment'
  )),
  user_id uuid,
  team_id uuid,
  role_id uuid,
  module text collate "C",
  row_id uuid,
  before jsonb,
  after jsonb,
  reason text check (char_length(reason) <= 1000),
  request text collate "C" check (char_length(request) <= 100),
  transaction_id xid8 not null default pg_current_xact_id(),
  primary key (account_id, id),
  constraint access_log_somebody check ((actor is null) <> (operator is null)),
  constraint access_log_something check (before is not null or after is not null)
);
comment on table access.access_log is
  'Who changed whose access, when, from what to what, why, and by which request (X5). Append-only.';
comment on column access.access_log.actor is 'The member who did it; null for an operator.';
comment on column access.access_log.operator is 'The login of an operator; null for a member.';
comment on column access.access_log.before is 'What held; null for what begins.';
comment on column access.access_log.after is 'What holds from then on; null for what ends.';

create index access_log_page on access.access_log (account_id, at desc, id desc);
create index access_log_kind on access.access_log (account_id, kind, at desc, id desc);
create index access_log_actor on access.access_log (account_id, actor, at desc, id desc) where actor is not null;
create index access_log_user on access.access_log (account_id, user_id, at desc, id desc) where user_id is not null;
create index access_log_team on access.access_log (account_id, team_id, at desc, id desc) where team_id is not null;
create index access_log_role on access.access_log (account_id, role_id, at desc, id desc) where role_id is not null;
create index access_log_module on access.access_log (account_id, module, at desc, id desc) where module is not null;
create index access_log_row on access.access_log (account_id, row_id, at desc, id desc) where row_id is not null;

-- Statistics of columns are over all accounts, and EXPLAIN shows everybody the planner's estimates.
alter table access.access_log
  alter operator set statistics 0,
  alter before set statistics 0,
  alter after set statistics 0,
  alter reason set statistics 0,
  alter request set statistics 0;
