-- Concern: where pages and posts are published (C3), and what was sent to lists.
set local role cloison_owner;

-- Generated first, so that what is published already is so for everybody, as it was: no trigger and no policy is asked.
alter table crm.landing_pages add column destination text collate "C"
  generated always as (case when status = 'published' then 'public' end) stored;
alter table crm.landing_pages alter column destination drop expression;
alter table crm.landing_pages add check (destination in ('internal', 'public'));

alter table crm.web_pages add column destination text collate "C"
  generated always as (case when status = 'published' then 'public' end) stored;
alter table crm.web_pages alter column destination drop expression;
alter table crm.web_pages add check (destination in ('internal', 'public'));

alter table crm.blog_posts add column destination text collate "C"
  generated always as (case when status = 'published' then 'public' end) stored;
alter table crm.blog_posts alter column destination drop expression;
alter table crm.blog_posts add check (destination in ('internal', 'public'));

-- No references: what was sent was sent, whatever becomes of the row, of the list and of those who were on it.
create table access.outbox (
  account_id uuid not null,
  module text collate "C" not null,
  row_id uuid not null,
  list_id uuid not null,
  sent_by uuid not null,
  sent_at timestamptz not null default now(),
  recipients uuid[] not null,
  left_out integer not null check (left_out >= 0),
  primary key (account_id, module, row_id)
);
comment on table access.outbox is
  'What was sent to a list: once for each row, by whom, to those of the list whom he might view, and how many he might not.';
