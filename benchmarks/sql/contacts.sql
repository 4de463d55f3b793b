-- Nothing of the large account (number 0) is open to all teams: what a team sees there is its own.
-- $1 contacts, $2 companies, $3 first names, $4 last names, $5 cities, $6 job titles; $7 and $8: teams of the first account
-- whose rows are all old, or all new; $9 of ten are the first account's, $10 other accounts share the rest.
insert into crm.contacts (
  account_id, id, owner_id, created_by, created_at, updated_at, assigned_at, team_id, open_to_all,
  first_name, last_name, email, phone, job_title, lifecycle_stage, city, country, last_contacted_at, company_id
)
select p.account_id, bench.row_id(i, $1, 2), case when s.team_id is null then o.owner_id end,
       coalesce(o.owner_id, p.people[1]), m.at, m.at, m.at,
       coalesce(s.team_id, p.teams[o.number]), p.number > 0 and bench.pick(i, 24, 50) = 0,
       n.first_name, n.last_name,
       lower(replace(n.first_name || '.' || n.last_name, ' ', '')) || i || '@' || 'company' || c.k || '.example',
       '+49 ' || (30000000 + bench.pick(i, 25, 60000000)), ($6::text[])[1 + bench.pick(i, 26, cardinality($6::text[]))],
       (array['subscriber', 'lead', 'lead', 'lead', 'marketing_qualified', 'sales_qualified', 'opportunity', 'customer',
              'customer', 'other'])[1 + bench.pick(i, 27, 10)],
       ($5::text[])[1 + bench.pick(i, 28, cardinality($5::text[]))], 'Germany',
       m.at + bench.pick(i, 29, 200) * interval '1 hour',
       case when bench.pick(i, 30, 10) > 0 then bench.row_id(c.k, $2, 1) end
  from generate_series(0::bigint, $1::bigint - 1) i
  cross join lateral (select i % $2::bigint as k) c
  join bench.place p on p.number = bench.account_of(c.k, $9, $10)
  cross join lateral (select bench.moment(i, $1) as at) m
  cross join lateral (
    select case when bench.pick(i, 21, 10) < 8 then 1 + bench.pick(c.k, 3, cardinality(p.people))
                else 1 + bench.pick(i, 22, cardinality(p.people)) end as number
  ) w
  cross join lateral (
    select w.number, case when bench.pick(i, 23, 33) > 0 then p.people[w.number] end as owner_id
  ) o
  cross join lateral (
    select case when p.number = 0 and bench.pick(i, 31, 50) = 0 then
             case when i < $1 / 20 then $7::uuid when i >= $1 - $1 / 20 then $8::uuid end
           end as team_id
  ) s
  cross join lateral (
    select ($3::text[])[1 + bench.skewed(i, 32, cardinality($3::text[]))] as first_name,
           ($4::text[])[1 + bench.skewed(i, 33, cardinality($4::text[]))] as last_name
  ) n
