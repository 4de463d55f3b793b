-- Concern: settings of accounts (O3), operators (T8), and the exceptions that giving a role leaves behind (G1).
set local role cloison_owner;

-- What an actor does not hold of a role that he gives is withheld, and what he does not hold and the member has is kept.
alter table access.exception drop constraint exception_effect_check;
alter table access.exception add constraint exception_effect_check check (effect in ('grant', 'deny', 'kept', 'withheld'));

create table access.account_setting (
  account_id uuid not null references access.account (id) on delete no action,
  name text collate "C" not null check (name in ('restrict_new_content')),
  valid tstzrange not null default tstzrange(clock_timestamp(), null),
  constraint account_setting_period exclude using gist (
    account_id extensions.gist_uuid_ops with =, name extensions.gist_text_ops with =, valid with &&
  )
);
comment on table access.account_setting is 'Settings that an account has switched on, and when they were on (O3).';

alter table access.access_log drop constraint access_log_kind_check;
alter table access.access_log add constraint access_log_kind_check check (kind in (
  'membership', 'exception', 'team_member', 'analyst_login', 'role', 'role_cell', 'team_role', 'team', 'team_edge',
  'account', 'tier', 'setting', 'assignment', 'restoration', 'purge', 'erasure', 'sensitivity'
));

create table access_private.operator (
  user_id uuid primary key references access.app_user (id) on delete no action,
  since timestamptz not null default now()
);
comment on table access_private.operator is 'Users who set kinds and tiers of accounts (T8). It gives them no rows.';

-- Where a new asset starts is said when it is made: what is null then, nobody has named (sql/functions/module/stamp.sql).
alter table crm.ad_campaigns alter restricted drop default, alter team_ids drop default;
alter table crm.blog_posts alter restricted drop default, alter team_ids drop default;
alter table crm.contact_lists alter restricted drop default, alter team_ids drop default;
alter table crm.crm_views alter restricted drop default, alter team_ids drop default;
alter table crm.ctas alter restricted drop default, alter team_ids drop default;
alter table crm.documents alter restricted drop default, alter team_ids drop default;
alter table crm.forms alter restricted drop default, alter team_ids drop default;
alter table crm.landing_pages alter restricted drop default, alter team_ids drop default;
alter table crm.marketing_emails alter restricted drop default, alter team_ids drop default;
alter table crm.reports alter restricted drop default, alter team_ids drop default;
alter table crm.sequences alter restricted drop default, alter team_ids drop default;
alter table crm.social_posts alter restricted drop default, alter team_ids drop default;
alter table crm.web_pages alter restricted drop default, alter team_ids drop default;
alter table crm.workflows alter restricted drop default, alter team_ids drop default;
