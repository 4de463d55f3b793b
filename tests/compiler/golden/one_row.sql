select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
left join lateral (
  select 'Deal'::text as "__typename",
    'Deal:' || deals$1.id as "id",
    deals$1.name as "name",
    upper(deals$1.stage) as "stage",
    deals$1.amount_cents as "amountCents",
    deals$1.created_at as "createdAt",
    one$3 as "owner",
    one$7 as "team",
    one$9 as "company"
  from crm.deals deals$1
  left join lateral (
    select people$2.name as "name"
    from crm.people people$2
    where people$2.account_id = (select access.account_id()) and people$2.id = deals$1.owner_id
  ) one$3 on true
  left join lateral (
    select teams$4.name as "name",
      one$6 as "parent"
    from crm.teams teams$4
    left join lateral (
      select teams$5.name as "name"
      from crm.teams teams$5
      where teams$5.account_id = (select access.account_id()) and teams$5.id = teams$4.parent_id
    ) one$6 on true
    where teams$4.account_id = (select access.account_id()) and teams$4.id = deals$1.team_id
  ) one$7 on true
  left join lateral (
    select companies$8.name as "name"
    from crm.companies companies$8
    where companies$8.account_id = (select access.account_id()) and companies$8.id = deals$1.company_id
  ) one$9 on true
  where deals$1.account_id = (select access.account_id()) and deals$1.id = $1::uuid
) one$10 on true
cross join lateral (
  select one$10 as "deal"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
