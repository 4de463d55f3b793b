-- Concern: in which accounts which modules have no sensitive columns (C9).
set local role cloison_owner;

create table access.sensitivity (
  account_id uuid not null references access.account (id) on delete no action,
  module text collate "C" not null references access.module (name) on delete no action,
  sensitive boolean not null,
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint sensitivity_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, module extensions.gist_text_ops with =, valid with &&
  )
);
comment on table access.sensitivity is
  'Whether the sensitive columns of a module are so in an account, and when (C9). No row: they are.';

alter table access.access_log drop constraint access_log_kind_check;
alter table access.access_log add constraint access_log_kind_check check (kind in (
  'membership', 'exception', 'team_member', 'analyst_login', 'role', 'role_cell', 'team_role', 'team', 'team_edge',
  'account', 'tier', 'assignment', 'restoration', 'purge', 'erasure', 'sensitivity'
));
