-- Nothing of the large account (number 0) is open to all teams: what a team sees there is its own.
-- $1 companies, $2 words, $3 kinds of firms, $4 cities, $5 industries; $6 of ten are the
-- first account's, $7 other accounts share the rest
insert into crm.companies (
  account_id, id, owner_id, created_by, created_at, updated_at, assigned_at, team_id, open_to_all,
  name, domain, industry, city, country, employee_count, founded_year
)
select p.account_id, bench.row_id(k, $1, 1), o.owner_id, coalesce(o.owner_id, p.people[1]), m.at, m.at, m.at,
       p.teams[o.number], p.number > 0 and bench.pick(k, 14, 50) = 0,
       n.name, lower(replace(n.name, ' ', '-')) || k || '.example', ($5::text[])[1 + bench.pick(k, 16, cardinality($5::text[]))],
       ($4::text[])[1 + bench.pick(k, 17, cardinality($4::text[]))], 'Germany', 5 + bench.skewed(k, 18, 5000),
       1900 + bench.pick(k, 19, 120)
  from generate_series(0::bigint, $1::bigint - 1) k
  join bench.place p on p.number = bench.account_of(k, $6, $7)
  cross join lateral (select bench.moment(k, $1) as at) m
  cross join lateral (
    select 1 + bench.pick(k, 3, cardinality(p.people)) as number,
           case when bench.pick(k, 11, 33) > 0 then p.people[1 + bench.pick(k, 3, cardinality(p.people))] end as owner_id
  ) o
  cross join lateral (
    select ($2::text[])[1 + bench.skewed(k, 12, cardinality($2::text[]))] || ' '
           || ($3::text[])[1 + bench.pick(k, 13, cardinality($3::text[]))] as name
  ) n
