-- Concern: jobs (docs/decisions/0031-jobs.md): what takes longer than a request is done in batches, each as the member who
-- asked for it. A batch and how far the job has come are written in one transaction.
set local role cloison_owner;

create table access.job (
  account_id uuid not null,
  id uuid not null default access.uuid_v7(),
  user_id uuid not null,
  kind text collate "C" not null check (kind in ('assign')),
  module text collate "C" not null references access.module (name) on delete no action,
  change jsonb not null,
  reason text check (char_length(reason) <= 1000),
  request text collate "C" check (char_length(request) <= 100),
  status text collate "C" not null default 'queued'
    check (status in ('queued', 'running', 'done', 'cancelled', 'failed')),
  total integer not null check (total >= 0),
  changed integer not null default 0,
  unchanged integer not null default 0,
  refused integer not null default 0,
  hidden integer not null default 0,
  processed integer not null generated always as (changed + unchanged + refused) stored,
  problem_code text collate "C",
  problem_message text check (char_length(problem_message) <= 1000),
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  attempt integer not null default 0,
  failures integer not null default 0,
  leased_until timestamptz,
  primary key (account_id, id),
  constraint job_user_fkey foreign key (account_id, user_id)
    references access.member (account_id, user_id) on delete no action,
  constraint job_progress check (changed + unchanged + refused <= total),
  constraint job_end check ((finished_at is null) = (status in ('queued', 'running')))
);
comment on table access.job is 'What members asked to be done in the background, and how far it has come.';
comment on column access.job.attempt is 'Counts takings: who took the job before the last one writes no more.';
comment on column access.job.leased_until is 'Until when the job is somebody''s; after that, and without, it is anybody''s.';
comment on column access.job.hidden is 'Of the changed rows, those that the member did not see any more.';

-- Whoever looks for work finds it among what is open, of all accounts.
create index job_open on access.job (account_id, id) where status in ('queued', 'running');
create index job_of_user on access.job (account_id, user_id, created_at desc, id desc);
create index job_page on access.job (account_id, created_at desc, id desc);
create index job_ended on access.job (account_id, finished_at) where finished_at is not null;

alter table access.job
  alter change set statistics 0,
  alter reason set statistics 0,
  alter problem_message set statistics 0;

-- What a job is to do, a thousand rows in each portion: fixed when it starts.
create table access_private.job_rows (
  account_id uuid not null,
  job_id uuid not null,
  portion integer not null check (portion >= 0),
  row_ids uuid[] not null check (cardinality(row_ids) between 1 and 1000),
  primary key (account_id, job_id, portion),
  foreign key (account_id, job_id) references access.job (account_id, id) on delete no action
);
comment on table access_private.job_rows is 'Ids of the rows of jobs, in their order, a thousand in each portion but the last.';

create table access.job_refusal (
  account_id uuid not null,
  job_id uuid not null,
  row_id uuid not null,
  code text collate "C" not null check (code in ('NOT_FOUND', 'FORBIDDEN')),
  tier text collate "C",
  primary key (account_id, job_id, row_id),
  foreign key (account_id, job_id) references access.job (account_id, id) on delete no action
);
comment on table access.job_refusal is 'Rows that a job was refused, and why.';
