-- Concern: who sees jobs: who started them, and who may configure users. What a job was refused, who started it alone: it names
-- rows that an administrator may not see.
{% for table in ['job', 'job_refusal'] %}
create policy account_partition on access.{{ table }} as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.{{ table }} is 'What is of other accounts does not exist for the caller.';
{% endfor %}
create policy own_jobs on access.job for select to cloison_reader
  using (user_id = (select access.policy_user_id()));
comment on policy own_jobs on access.job is 'Jobs that the caller started.';

create policy administered_jobs on access.job for select to cloison_reader
  using (access.has('users', 'configure', 'all'));
comment on policy administered_jobs on access.job is 'Jobs of all members, for who may configure users.';

create policy own_refusals on access.job_refusal for select to cloison_reader
  using (
    exists (
      select from access.job j
       where j.account_id = job_refusal.account_id and j.id = job_refusal.job_id
         and j.user_id = (select access.policy_user_id())
    )
  );
comment on policy own_refusals on access.job_refusal is 'What jobs were refused that the caller started.';
