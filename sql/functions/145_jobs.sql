-- Concern: jobs (docs/decisions/0031-jobs.md): what takes longer than a request is done in batches, each a transaction of its own, in
-- which the session is the member who asked for it. How far the job has come is written with the batch: a batch is done once or
-- not at all, whoever does it. Who works on a job has taken it (its `attempt`) for a while (its lease); who comes later with an
-- older attempt writes nothing.

create or replace function access.start_assignment(module_name text, change jsonb, row_ids uuid[]) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid := access.account_id();
  me uuid := access.user_id();
  made uuid := access.uuid_v7();
begin
  perform access_private.check_assignment(module_name, change);
  if access.reach(module_name, 'assign') = 0 then
    perform access.forbid(module_name, 'assign');
  end if;
  if row_ids is null or array_position(row_ids, null) is not null then
    perform access.bad_input('ids', 'are ids');
  end if;
  if cardinality(row_ids) > 1000000 then
    perform access.limit_exceeded('job_rows', 1000000, cardinality(row_ids));
  end if;
  row_ids := array(select distinct x from unnest(row_ids) as x order by x);
  perform access_private.admit_job(account, me);
  insert into access.job (account_id, id, user_id, kind, module, change, reason, request, total, status, finished_at)
  values (
    account, made, me, 'assign', module_name, start_assignment.change,
    left(nullif(current_setting('cloison.reason', true), ''), 1000),
    left(nullif(current_setting('cloison.request', true), ''), 100),
    cardinality(row_ids),
    case when row_ids = '{}' then 'done' else 'queued' end, case when row_ids = '{}' then clock_timestamp() end
  );
  insert into access_private.job_rows (account_id, job_id, portion, row_ids)
  select account, made, p.portion, row_ids[p.portion * 1000 + 1 : p.portion * 1000 + 1000]
    from generate_series(0, (cardinality(row_ids) - 1) / 1000) as p (portion)
   where row_ids <> '{}'
  on conflict do nothing;
  return made;
end $$;
comment on function access.start_assignment(text, jsonb, uuid[]) is
  'Starts a job that hands over these rows of a module, a million at most, as access.assign_many with `partial` would; its id (O5).';

create or replace function access_private.admit_job(account uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  most constant integer := 5;
  open_jobs integer;
begin
  -- One after the other, so that the count is right.
  perform from access.member m where m.account_id = account and m.user_id = member for no key update;
  select count(*) into open_jobs from access.job j
   where j.account_id = account and j.user_id = member and j.status in ('queued', 'running');
  if open_jobs >= most then
    perform access.limit_exceeded('open_jobs', most, open_jobs + 1);
  end if;
end $$;
comment on function access_private.admit_job(uuid, uuid) is 'U0413 where the member has as many jobs under way as anybody may.';

create or replace function access_private.job_to_change(account uuid, job uuid) returns access.job
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found_job access.job;
begin
  select * into found_job from access.job j
   where j.account_id = access.account_id() and j.account_id = account and j.id = job
     and (j.user_id = access.user_id() or access.reach('users', 'configure') <> 0)
     for update;
  if not found then
    perform access.not_found('jobs');
  end if;
  return found_job;
end $$;
comment on function access_private.job_to_change(uuid, uuid) is
  'A job of the session''s own, or of anybody in the account for who may configure users; held. U0404 for any other.';

create or replace function access.cancel_job(account uuid, job uuid) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  subject access.job := access_private.job_to_change(account, job);
begin
  if subject.status not in ('queued', 'running') then
    perform access.conflict('the job has come to its end');
  end if;
  update access.job j set status = 'cancelled', finished_at = clock_timestamp(), leased_until = null
   where j.account_id = subject.account_id and j.id = subject.id;
  return subject.id;
end $$;
comment on function access.cancel_job(uuid, uuid) is 'Ends a job: what has been done stays done, the batch at hand and all behind it are not done.';

create or replace function access.resume_job(account uuid, job uuid) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  subject access.job := access_private.job_to_change(account, job);
begin
  -- It goes on as who started it, and nobody makes another act.
  if subject.user_id <> access.user_id() then
    perform access.conflict('a job goes on as who started it, who alone resumes it');
  end if;
  if subject.status not in ('cancelled', 'failed') then
    perform access.conflict('the job is not one that was broken off');
  end if;
  if access.reach(subject.module, 'assign') = 0 then
    perform access.forbid(subject.module, 'assign');
  end if;
  perform access_private.admit_job(subject.account_id, subject.user_id);
  update access.job j
     set status = 'queued', finished_at = null, leased_until = null, failures = 0,
         problem_code = null, problem_message = null
   where j.account_id = subject.account_id and j.id = subject.id;
  return subject.id;
end $$;
comment on function access.resume_job(uuid, uuid) is 'Lets a job that was cancelled or has failed go on with the rows that are left.';

create or replace function access.run_job(job uuid, taken integer, most integer, lease interval) returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  subject access.job;
  batch uuid[];
  answer jsonb;
  came_to text;
begin
  select * into subject from access.job j
   where j.account_id = access.account_id() and j.id = job and j.user_id = access.user_id();
  if not found then
    perform access.not_found('jobs');
  end if;
  if subject.status <> 'running' or subject.attempt <> taken then
    return 'lost';
  end if;
  if access.reach(subject.module, 'assign') = 0 then
    perform access.forbid(subject.module, 'assign');
  end if;
  perform set_config('cloison.reason', coalesce(subject.reason, ''), true),
          set_config('cloison.request', coalesce(subject.request, ''), true);
  select r.row_ids[subject.processed % 1000 + 1 : subject.processed % 1000 + least(greatest(most, 1), 1000)] into strict batch
    from access_private.job_rows r
   where r.account_id = subject.account_id and r.job_id = subject.id and r.portion = subject.processed / 1000;
  answer := access_private.assign_rows(subject.module, subject.change, batch);
  insert into access.job_refusal (account_id, job_id, row_id, code, tier)
  select subject.account_id, subject.id, r."row", r.code, r.tier
    from jsonb_to_recordset(answer -> 'refusals') as r ("row" uuid, code text, tier text)
  on conflict do nothing;
  update access.job j
     set changed = j.changed + (answer ->> 'changed')::integer,
         unchanged = j.unchanged + (answer ->> 'unchanged')::integer,
         refused = j.refused + (answer ->> 'refused')::integer,
         hidden = j.hidden + (answer ->> 'hidden')::integer,
         failures = 0,
         status = case when subject.processed + cardinality(batch) = j.total then 'done' else 'running' end,
         finished_at = case when subject.processed + cardinality(batch) = j.total then clock_timestamp() end,
         leased_until = case when subject.processed + cardinality(batch) < j.total then clock_timestamp() + lease end
   where j.account_id = subject.account_id and j.id = subject.id
     -- Not what it was: cancelled meanwhile, or taken by another. Then this batch has not been, either.
     and j.status = 'running' and j.attempt = taken and j.processed = subject.processed
  returning j.status into came_to;
  if not found then
    raise exception using errcode = 'U0410', message = 'the job is somebody else''s by now, or nobody''s';
  end if;
  if came_to = 'done' then
    delete from access_private.job_rows r where r.account_id = subject.account_id and r.job_id = subject.id;
  end if;
  return came_to;
end $$;
comment on function access.run_job(uuid, integer, integer, interval) is
  'Does the next rows of the session''s own job, a thousand at most, for who took it with this attempt, and holds it for as long again; the job''s status then. Lost: there is nothing to do for him; U0410: it was taken or cancelled meanwhile.';

-- The gateway's login has no account yet: it takes what has waited longest, of whatever account.
create or replace function access.take_job(
  lease interval, out account_slug text, out member uuid, out job uuid, out taken integer
)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update access.job j
     set status = 'running', attempt = j.attempt + 1, leased_until = clock_timestamp() + lease,
         started_at = coalesce(j.started_at, clock_timestamp())
    from access.account a
   where a.id = j.account_id and (j.account_id, j.id) = (
     select w.account_id, w.id from access.job w
      where w.status in ('queued', 'running') and coalesce(w.leased_until, w.created_at) <= clock_timestamp()
      order by coalesce(w.leased_until, w.created_at), w.account_id, w.id
      limit 1
        for update skip locked
   )
  returning a.slug, j.user_id, j.id, j.attempt into account_slug, member, job, taken;
end $$;
comment on function access.take_job(interval) is
  'Takes an open job that is nobody''s, the one that has waited longest, for a while; nulls where there is none. For the gateway.';

create or replace function access.leave_job(
  account text, job uuid, taken integer, code text default null, reason text default null, pause interval default null
) returns text
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    update access.job j
       set failures = j.failures + case when code is null then 0 else 1 end,
           status = case when code is null or pause is not null and j.failures < 4 then 'queued' else 'failed' end,
           finished_at = case when code is null or pause is not null and j.failures < 4 then null else clock_timestamp() end,
           problem_code = code, problem_message = left(leave_job.reason, 1000),
           leased_until = case
             when code is null then clock_timestamp()
             when pause is not null and j.failures < 4 then clock_timestamp() + pause * (2 ^ j.failures)
           end
     where j.account_id = (select a.id from access.account a where a.slug = leave_job.account)
       and j.id = leave_job.job and j.attempt = taken and j.status = 'running'
    returning j.status;
  end;
comment on function access.leave_job(text, uuid, integer, text, text, interval) is
  'Gives a job back: as it is, or with what went wrong, to be tried again after a pause, four times running, or as failed; its status, null where it is not the caller''s any more. For the gateway.';

create or replace function access.remove_old_jobs(ended_for interval default '30 days') returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  old uuid[] := array(
    select j.id from access.job j
     where j.finished_at <= clock_timestamp() - ended_for
     order by j.account_id, j.id limit 100
       for update skip locked
  );
begin
  delete from access_private.job_rows r using access.job j
   where j.account_id = r.account_id and j.id = r.job_id and j.id = any (old) and j.finished_at is not null;
  delete from access.job_refusal r using access.job j
   where j.account_id = r.account_id and j.id = r.job_id and j.id = any (old) and j.finished_at is not null;
  delete from access.job j where j.id = any (old) and j.finished_at is not null;
  return cardinality(old);
end $$;
comment on function access.remove_old_jobs(interval) is
  'Removes jobs that came to their end so long ago, a hundred at most; how many. A gateway calls it now and then.';
