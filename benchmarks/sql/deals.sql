-- Nothing of the large account (number 0) is open to all teams: what a team sees there is its own.
-- $1 deals, $2 companies, $3 products. A quarter of the companies have all the deals. $4 of ten are the
-- first account's, $5 other accounts share the rest.
insert into crm.deals (
  account_id, id, owner_id, created_by, created_at, updated_at, assigned_at, team_id, open_to_all,
  name, stage, product, amount_cents, probability, expected_close_on, company_id
)
select p.account_id, bench.row_id(j, $1, 3), o.owner_id, coalesce(o.owner_id, p.people[1]), m.at, m.at, m.at,
       p.teams[o.number], p.number > 0 and bench.pick(j, 44, 50) = 0,
       ($3::text[])[1 + bench.pick(j, 45, cardinality($3::text[]))] || ' ' || j,
       (array['prospecting', 'engaging', 'proposal', 'negotiation', 'won', 'won', 'lost', 'lost'])[1 + bench.pick(j, 46, 8)],
       ($3::text[])[1 + bench.pick(j, 45, cardinality($3::text[]))], 1000 + bench.skewed(j, 47, 5000000),
       bench.pick(j, 48, 101), (m.at + bench.pick(j, 49, 120) * interval '1 day')::date,
       bench.row_id(c.k, $2, 1)
  from generate_series(0::bigint, $1::bigint - 1) j
  cross join lateral (select bench.pick(j, 41, greatest(1, $2 / 4)::integer)::bigint * 4 as k) c
  join bench.place p on p.number = bench.account_of(c.k, $4, $5)
  cross join lateral (select bench.moment(j, $1) as at) m
  cross join lateral (
    select case when bench.pick(j, 42, 10) < 8 then 1 + bench.pick(c.k, 3, cardinality(p.people))
                else 1 + bench.pick(j, 50, cardinality(p.people)) end as number
  ) w
  cross join lateral (
    select w.number, case when bench.pick(j, 43, 33) > 0 then p.people[w.number] end as owner_id
  ) o
