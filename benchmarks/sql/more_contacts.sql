-- $1 more of each contact, some seconds later: an account set of more than a million contacts, faster than by chance.
insert into crm.contacts (
  account_id, id, owner_id, created_by, created_at, updated_at, assigned_at, team_id, open_to_all,
  first_name, last_name, email, phone, job_title, lifecycle_stage, city, country, last_contacted_at, company_id
)
select c.account_id, (left(c.id::text, 19) || '8' || substr(md5(c.id::text || n), 1, 3) || '-' || substr(md5(c.id::text || n), 4, 12))::uuid,
       c.owner_id, c.created_by, m.at, m.at, m.at, c.team_id, c.open_to_all,
       c.first_name, c.last_name, n || '.' || c.email, c.phone, c.job_title, c.lifecycle_stage, c.city, c.country,
       c.last_contacted_at, c.company_id
  from crm.contacts c
  cross join generate_series(1, $1) n
  cross join lateral (select c.created_at + n * interval '7 seconds' as at) m
