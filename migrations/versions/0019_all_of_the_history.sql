-- Concern: shares and invitations are changes of access, too (X5). Who is an operator, and whether people subscribe accounts
-- themselves, concerns all accounts and belongs to none: that is kept apart, where no member and no analyst reads.
set local role cloison_owner;

alter table access.access_log drop constraint access_log_kind_check;
alter table access.access_log add constraint access_log_kind_check check (kind in (
  'membership', 'exception', 'team_member', 'analyst_login', 'invitation', 'role', 'role_cell', 'team_role', 'team', 'team_edge',
  'account', 'tier', 'setting', 'assignment', 'share', 'restoration', 'purge', 'erasure', 'sensitivity'
));
comment on column access.access_log.row_id is 'The row of the module; for an invitation, without a module, the invitation.';

create table access_private.operator_log (
  id uuid primary key default access.uuid_v7(),
  at timestamptz not null default clock_timestamp(),
  operator text collate "C" not null,
  kind text collate "C" not null check (kind in ('operator', 'subscribing')),
  user_id uuid,
  before jsonb,
  after jsonb,
  reason text check (char_length(reason) <= 1000),
  transaction_id xid8 not null default pg_current_xact_id(),
  constraint operator_log_something check (before is not null or after is not null)
);
comment on table access_private.operator_log is
  'Who was made an operator, or is none any more, and whether people may subscribe accounts: by whom, when and why (X5). Append-only.';
comment on column access_private.operator_log.operator is 'The database login of who did it.';
comment on column access_private.operator_log.user_id is 'Who became an operator, or is none any more; null for what concerns nobody.';
comment on column access_private.operator_log.before is 'What held; null for what begins.';
comment on column access_private.operator_log.after is 'What holds from then on; null for what ends.';
