with viewer$ as materialized (
  select access.reach('companies', 'view') as companies$view,
    access.reach('deals', 'view') as deals$view,
    access.reach('contacts', 'view') as contacts$view
)
select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data,
  nullif(array_remove(array[case when viewer$.companies$view = 0 then 'companies' end, case when viewer$.deals$view = 0 then 'deals' end, case when viewer$.contacts$view = 0 then 'contacts' end], null), '{}') as denied
from viewer$
cross join lateral (
  select (
    select connection$1 from (
      select rows$3.list$0 as "nodes"
      from (
        select coalesce(json_agg(item$0), '[]'::json) as list$0
        from (
          select object$5 as item$0
          from (
            select contacts$14.*
            from crm.contacts contacts$14
            where contacts$14.account_id = (select access.account_id())
            order by contacts$14.created_at desc, contacts$14.id desc
            limit 2
          ) page$2
          left join lateral (
            select companies$6.name as "name"
            from crm.companies companies$6
            where companies$6.account_id = (select access.account_id()) and companies$6.id = page$2.company_id
          ) one$7 on viewer$.companies$view <> 0
          cross join lateral (
            select page$2.last_name as "lastName",
              one$7 as "company",
              (
              select connection$8 from (
                select (select count(*) from crm.deal_contacts deal_contacts$13 join crm.deals deals$12 on deals$12.account_id = (select access.account_id()) and deals$12.id = deal_contacts$13.deal_id where deal_contacts$13.account_id = (select access.account_id()) and deal_contacts$13.contact_id = page$2.id) as "totalCount"
              ) connection$8 where viewer$.deals$view <> 0
            ) as "deals",
              null::json as "tickets"
          ) object$5
          order by page$2.created_at desc, page$2.id desc
        ) items$
      ) rows$3
    ) connection$1 where viewer$.contacts$view <> 0
  ) as "contacts",
    (
    select connection$15 from (
      select (select count(*) from crm.deals deals$19 where deals$19.account_id = (select access.account_id())) as "totalCount"
    ) connection$15 where viewer$.deals$view <> 0
  ) as "deals"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
