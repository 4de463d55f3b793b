select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
cross join lateral (
  select coalesce(json_agg(case wanted$1.type when 'Team' then to_json(one$4) when 'Contact' then to_json(one$6) when 'Deal' then to_json(one$10) end order by wanted$1.number), '[]'::json) as list
  from unnest($1::text[], $2::text[]::uuid[]) with ordinality wanted$1 (type, id, number)
  left join lateral (
    select 'Team'::text as "__typename",
      teams$3.name as "name"
    from crm.teams teams$3
    where teams$3.account_id = (select access.account_id()) and teams$3.id = wanted$1.id and wanted$1.type = 'Team'
  ) one$4 on true
  left join lateral (
    select 'Contact'::text as "__typename",
      contacts$5.last_name as "lastName",
      one$8 as "company"
    from crm.contacts contacts$5
    left join lateral (
      select companies$7.name as "name"
      from crm.companies companies$7
      where companies$7.account_id = (select access.account_id()) and companies$7.id = contacts$5.company_id
    ) one$8 on true
    where contacts$5.account_id = (select access.account_id()) and contacts$5.id = wanted$1.id and wanted$1.type = 'Contact'
  ) one$6 on true
  left join lateral (
    select 'Deal'::text as "__typename",
      deals$9.name as "name"
    from crm.deals deals$9
    where deals$9.account_id = (select access.account_id()) and deals$9.id = wanted$1.id and wanted$1.type = 'Deal'
  ) one$10 on true
) by_ids$2
cross join lateral (
  select by_ids$2.list as "nodes"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
