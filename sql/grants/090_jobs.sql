-- Concern: who assigns many rows, and who works on jobs: members, as themselves; the gateway's login takes jobs and gives them
-- back, and reads none of them.
grant execute on function
  access.assign_many(text, jsonb, uuid[], boolean), access.refused_rows(jsonb),
  access.start_assignment(text, jsonb, uuid[]), access.cancel_job(uuid, uuid), access.resume_job(uuid, uuid),
  access.run_job(uuid, integer, integer, interval)
  to cloison_member;
grant execute on function access.refusal_in_words(text, text, text) to cloison_reader;
grant execute on function
  access.take_job(interval), access.leave_job(text, uuid, integer, text, text, interval), access.remove_old_jobs(interval)
  to cloison_gateway;
grant select (
  account_id, id, user_id, kind, module, reason, status, total, processed, changed, unchanged, refused, hidden,
  problem_code, problem_message, created_at, started_at, finished_at
) on access.job to cloison_reader;
grant select on access.job_refusal, crm.jobs, crm.job_refusals to cloison_reader;
