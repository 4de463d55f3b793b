-- $1 deals, $2 companies, $3 contacts; $4 of ten are the first account's, $5 other accounts share the rest. Three people of the company are in each of its deals.
insert into crm.deal_contacts (account_id, deal_id, contact_id)
select p.account_id, bench.row_id(j, $1, 3), bench.row_id(c.k + $2 * ((j + m) % greatest(1, $3 / $2)), $3, 2)
  from generate_series(0::bigint, $1::bigint - 1) j
  cross join lateral (select bench.pick(j, 41, greatest(1, $2 / 4)::integer)::bigint * 4 as k) c
  join bench.place p on p.number = bench.account_of(c.k, $4, $5)
  cross join generate_series(0, 2) m
