-- Concern: jobs as GraphQL and analysts see them. The views run as their caller, under the caller's policies.

create or replace view crm.jobs with (security_invoker = true, security_barrier = false) as
  select j.account_id, j.id, j.user_id, j.kind, j.module, j.reason, j.status, j.total, j.processed, j.changed, j.unchanged,
         j.refused, j.hidden, j.total - j.processed as remaining, j.problem_code, j.problem_message, j.created_at, j.started_at,
         j.finished_at
    from access.job j;
comment on view crm.jobs is 'Jobs that you started; those of all members with `configure` on users.';

create or replace view crm.job_refusals with (security_invoker = true, security_barrier = false) as
  select r.account_id, r.job_id, r.row_id, r.code, j.module, r.tier,
         case j.module
           {%- for m in registry.modules if 'assign' in m.action_names %}
           when '{{ m.name }}' then '{{ m.type_name }}:'
           {%- endfor %}
         end || r.row_id as id,
         access.refusal_in_words(r.code, j.module, r.tier) as message,
         case when r.code = 'FORBIDDEN' then 'assign' end as action
    from access.job_refusal r join access.job j on j.account_id = r.account_id and j.id = r.job_id;
comment on view crm.job_refusals is 'Rows that jobs of your own were refused, and why.';

alter view crm.jobs owner to cloison_owner;
alter view crm.job_refusals owner to cloison_owner;
