-- Concern: the facts of access: accounts, users, teams, members, roles, exceptions, analysts' logins; and the private tables
-- that triggers derive from them. Every fact that decides who may do what carries the period in which it holds (`valid`),
-- so that the past can be asked about and an end needs no job.

create schema access authorization cloison_owner;
comment on schema access is 'Who may do what: accounts, users, teams, members, roles, and the functions that answer for them.';
comment on schema access_private is 'What is exposed to nobody: profiles, closures, secrets. No row-level security, and no grants but to the engine.';
create schema crm authorization cloison_owner;
comment on schema crm is 'The rows: one table a module, and helper views.';
create schema extensions authorization cloison_owner;
comment on schema extensions is 'Contributed operators that indexes use. Nobody needs USAGE on it.';

create extension if not exists btree_gist with schema extensions;
create extension if not exists btree_gin with schema extensions;
create extension if not exists pg_trgm with schema extensions;

set local role cloison_owner;

-- RFC 9562, section 5.7: 48 bits of Unix milliseconds, then random bits. PostgreSQL 18 has its own.
create function access.uuid_v7() returns uuid
  language sql volatile parallel safe
  return encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid()),
          substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint), 3),
          1, 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid;
comment on function access.uuid_v7() is 'A new time-ordered UUID (RFC 9562, version 7).';

-- Column defaults of later revisions depend on these two; sql/functions/ gives them their bodies. Until then: nobody.
create function access.account_id() returns uuid language sql stable parallel safe return null::uuid;
create function access.user_id() returns uuid language sql stable parallel safe return null::uuid;

-- Global tables: read-only for members, no foreign key from them into an account's tables.

create table access.account (
  id uuid primary key default access.uuid_v7(),
  slug text collate "C" not null unique check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null check (char_length(name) between 1 and 300),
  kind text collate "C" not null default 'customer' check (kind in ('customer', 'solutions_partner', 'provider')),
  created_at timestamptz not null default now()
);
comment on table access.account is 'Tenants: one company''s CRM portal each (T1, T8).';

create table access.app_user (
  id uuid primary key default gen_random_uuid(),
  email text collate "C" not null unique check (email = lower(email) and email like '%_@_%' and char_length(email) <= 320),
  created_at timestamptz not null default now()
);
comment on table access.app_user is
  'People, global: one e-mail each. A membership ties a user to an account (T2). Ids are random and names are the membership''s: whoever adds an e-mail to his account learns nothing of other accounts.';

create table access.capability (
  module text collate "C" not null,
  action text collate "C" not null,
  on_rows boolean not null,
  primary key (module, action)
);
comment on table access.capability is 'Every capability that a role can hold, from the module registry. on_rows: has a scope (C1).';

create table access.module (
  name text collate "C" primary key,
  kind text collate "C" not null check (kind in ('record', 'asset')),
  tier text collate "C" not null check (tier in ('free', 'professional', 'enterprise')),
  hub text collate "C"
);
comment on table access.module is 'Modules with rows, from the module registry, and the lowest tier in which they are partitioned by team.';

create table access.builtin_role_cell (
  role text collate "C" not null,
  module text collate "C" not null,
  action text collate "C" not null,
  scope text collate "C" not null check (scope in ('created', 'owned', 'team', 'unassigned', 'all')),
  primary key (role, module, action, scope)
);
comment on table access.builtin_role_cell is 'What built-in roles hold (mission, section 5). They can be cloned, not changed.';

-- Tables of an account.

create table access.account_tier (
  account_id uuid not null references access.account (id) on delete no action,
  hub text collate "C" not null check (hub in ('marketing', 'sales', 'service', 'cms', 'operations')),
  tier text collate "C" not null check (tier in ('free', 'professional', 'enterprise')),
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint account_tier_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, hub extensions.gist_text_ops with =, valid with &&
  )
);
comment on table access.account_tier is 'Subscription of a hub (T8). No row: free.';

create table access.team (
  account_id uuid not null references access.account (id) on delete no action,
  id uuid not null default access.uuid_v7(),
  name text not null check (char_length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (account_id, id)
);
comment on table access.team is 'Teams of an account (T3). A deleted one stays, because the past refers to it.';

create table access.team_edge (
  account_id uuid not null,
  team_id uuid not null,
  parent_id uuid not null,
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  check (team_id <> parent_id),
  constraint team_edge_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action,
  constraint team_edge_parent_fkey foreign key (account_id, parent_id)
    references access.team (account_id, id) on delete no action,
  constraint team_edge_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, team_id extensions.gist_uuid_ops with =, valid with &&
  )
);
create index team_edge_parent on access.team_edge (account_id, parent_id);
comment on table access.team_edge is 'Which team stood below which, and when. One parent at a time.';

create table access.role (
  account_id uuid not null references access.account (id) on delete no action,
  id uuid not null default access.uuid_v7(),
  name text not null check (char_length(name) between 1 and 200),
  builtin text collate "C",
  created_at timestamptz not null default now(),
  primary key (account_id, id),
  unique (account_id, name)
);
comment on table access.role is 'Roles of an account. builtin names the built-in role that it is; its cells are not here (C5).';

create table access.role_cell (
  account_id uuid not null,
  role_id uuid not null,
  module text collate "C" not null,
  action text collate "C" not null,
  scope text collate "C" not null check (scope in ('created', 'owned', 'team', 'unassigned', 'all')),
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint role_cell_role_fkey foreign key (account_id, role_id)
    references access.role (account_id, id) on delete no action,
  constraint role_cell_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, role_id extensions.gist_uuid_ops with =,
    module extensions.gist_text_ops with =, action extensions.gist_text_ops with =,
    scope extensions.gist_text_ops with =, valid with &&
  )
);
comment on table access.role_cell is 'Cells of custom roles and when they held.';

create table access.member (
  account_id uuid not null references access.account (id) on delete no action,
  user_id uuid not null references access.app_user (id) on delete no action,
  name text not null check (char_length(name) between 1 and 300),
  joined_at timestamptz not null default now(),
  primary key (account_id, user_id)
);
create index member_user on access.member (user_id);
comment on table access.member is 'That a user is or was of an account. Rows of modules refer to it, so it is never deleted.';

create table access.membership (
  account_id uuid not null,
  user_id uuid not null,
  status text collate "C" not null default 'active' check (status in ('active', 'deactivated')),
  role_id uuid not null,
  super_admin boolean not null default false,
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint membership_member_fkey foreign key (account_id, user_id)
    references access.member (account_id, user_id) on delete no action,
  constraint membership_role_fkey foreign key (account_id, role_id)
    references access.role (account_id, id) on delete no action,
  constraint membership_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, user_id extensions.gist_uuid_ops with =, valid with &&
  )
);
create index membership_role on access.membership (account_id, role_id);
comment on table access.membership is 'Status, role and super admin flag of a member, and when they held (T2, T7).';

create table access.team_member (
  account_id uuid not null,
  user_id uuid not null,
  team_id uuid not null,
  is_main boolean not null default false,
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint team_member_member_fkey foreign key (account_id, user_id)
    references access.member (account_id, user_id) on delete no action,
  constraint team_member_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action,
  constraint team_member_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, user_id extensions.gist_uuid_ops with =,
    team_id extensions.gist_uuid_ops with =, valid with &&
  ),
  constraint team_member_one_main exclude using gist (
    account_id extensions.gist_uuid_ops with =, user_id extensions.gist_uuid_ops with =, valid with &&
  ) where (is_main)
);
create index team_member_user on access.team_member (account_id, user_id);
create index team_member_team on access.team_member (account_id, team_id);
comment on table access.team_member is 'Main and extra teams of members, and when (T2, T5).';

create table access.team_role (
  account_id uuid not null,
  team_id uuid not null,
  role_id uuid not null,
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint team_role_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action,
  constraint team_role_role_fkey foreign key (account_id, role_id)
    references access.role (account_id, id) on delete no action,
  constraint team_role_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, team_id extensions.gist_uuid_ops with =,
    role_id extensions.gist_uuid_ops with =, valid with &&
  )
);
comment on table access.team_role is 'Roles attached to teams: rights per department (C4).';

create table access.exception (
  account_id uuid not null,
  user_id uuid not null,
  module text collate "C" not null,
  action text collate "C" not null,
  scope text collate "C" not null check (scope in ('created', 'owned', 'team', 'unassigned', 'all')),
  effect text collate "C" not null check (effect in ('grant', 'deny')),
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint exception_member_fkey foreign key (account_id, user_id)
    references access.member (account_id, user_id) on delete no action,
  constraint exception_capability_fkey foreign key (module, action)
    references access.capability (module, action) on delete no action,
  constraint exception_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, user_id extensions.gist_uuid_ops with =,
    module extensions.gist_text_ops with =, action extensions.gist_text_ops with =,
    scope extensions.gist_text_ops with =, valid with &&
  )
);
create index exception_user on access.exception (account_id, user_id);
comment on table access.exception is 'Rights added to or taken from one member, with an optional end (C4).';

create table access.analyst_login (
  account_id uuid not null,
  user_id uuid not null,
  login name not null,
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  primary key (account_id, login),
  constraint analyst_login_member_fkey foreign key (account_id, user_id)
    references access.member (account_id, user_id) on delete no action
);
create index analyst_login_login on access.analyst_login (login);
create index analyst_login_user on access.analyst_login (account_id, user_id);
comment on table access.analyst_login is 'Database logins bound to a member (X4). A login is never used for a second member.';

create table access.import_key (
  account_id uuid not null default access.account_id(),
  source text collate "C" not null check (char_length(source) between 1 and 200),
  module text collate "C" not null,
  key text collate "C" not null check (char_length(key) between 1 and 500),
  row_id uuid not null,
  primary key (account_id, source, module, key)
);
comment on table access.import_key is 'Which row an imported line became, so that importing it again changes nothing.';

-- Private tables.

create table access_private.installation (
  only_one boolean primary key default true check (only_one),
  id uuid not null default gen_random_uuid(),
  database oid not null default 0,
  registry_version text not null default ''
);
insert into access_private.installation default values;
comment on table access_private.installation is 'This database''s own id; part of each profile''s name, since roles are cluster-wide.';

create table access_private.definition (
  applied_at timestamptz not null default clock_timestamp(),
  checksum text not null,
  application text not null
);
comment on table access_private.definition is 'When sql/ was applied, and its checksum.';

create table access_private.profile (
  name name primary key,
  reader boolean not null,
  sealed boolean not null default false,
  created_at timestamptz not null default now(),
  unused_since timestamptz
);
comment on table access_private.profile is 'Sets of capabilities that are roles. A reader is an analyst''s: it can only be granted SELECT.';

create table access_private.profile_capability (
  profile name not null references access_private.profile (name) on delete no action,
  module text collate "C" not null,
  action text collate "C" not null,
  scope text collate "C" not null,
  primary key (profile, module, action, scope)
);
comment on table access_private.profile_capability is 'What a profile holds. Never changes: a different set is a different profile.';

create table access_private.session_profile (
  account_id uuid not null,
  user_id uuid not null,
  valid tstzrange not null,
  profile name not null references access_private.profile (name) on delete no action,
  reader_profile name not null references access_private.profile (name) on delete no action,
  team_keys uuid[] not null,
  constraint session_profile_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, user_id extensions.gist_uuid_ops with =, valid with &&
  )
);
create index session_profile_member on access_private.session_profile (account_id, user_id);
create index session_profile_user on access_private.session_profile (user_id);
create index session_profile_profile on access_private.session_profile (profile);
comment on table access_private.session_profile is
  'The profile and the reach of each member that may act, now and in each period to come. Kept by triggers, never by hand.';

create table access_private.team_closure (
  account_id uuid not null,
  ancestor_id uuid not null,
  descendant_id uuid not null,
  depth integer not null,
  primary key (account_id, ancestor_id, descendant_id)
);
create index team_closure_descendant on access_private.team_closure (account_id, descendant_id, ancestor_id);
comment on table access_private.team_closure is 'Every team with itself and all below it (T4). Kept by a trigger on access.team_edge.';

create table access_private.login_change (
  login name primary key,
  pending boolean not null
);
comment on table access_private.login_change is 'Logins whose rights changed and whose open sessions are still to be ended.';

create table access_private.past_assignment (
  account_id uuid not null,
  module text collate "C" not null,
  row_id uuid not null,
  owner_id uuid,
  created_by uuid not null,
  team_ids uuid[] not null,
  open boolean not null,
  valid tstzrange not null
);
create index past_assignment_row on access_private.past_assignment (account_id, module, row_id);
comment on table access_private.past_assignment is
  'To whom a row belonged before, and when. The present is the row itself, since its assigned_at.';

-- Statistics of columns are over all accounts, and EXPLAIN shows everybody the planner's estimates: none are kept of values
-- that would tell of other accounts.
alter table access.account alter column slug set statistics 0, alter column name set statistics 0;
alter table access.app_user alter column email set statistics 0;
alter table access.team alter column name set statistics 0;
alter table access.role alter column name set statistics 0;
alter table access.member alter column name set statistics 0;
alter table access.import_key alter column source set statistics 0, alter column key set statistics 0;
