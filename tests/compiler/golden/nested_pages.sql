select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
cross join lateral (
  select (
    select connection$1 from (
      select rows$3.list$0 as "nodes"
      from (
        select coalesce(json_agg(item$0), '[]'::json) as list$0
        from (
          select object$5 as item$0
          from (
            select contacts$23.*
            from crm.contacts contacts$23
            where contacts$23.account_id = (select access.account_id())
            order by contacts$23.last_name_lower, contacts$23.id
            limit 2
          ) page$2
          left join lateral (
            select companies$6.name as "name"
            from crm.companies companies$6
            where companies$6.account_id = (select access.account_id()) and companies$6.id = page$2.company_id
          ) one$7 on true
          cross join lateral (
            select page$2.last_name as "lastName",
              one$7 as "company",
              (
              select connection$8 from (
                select rows$10.list$0 as "nodes",
                  (select count(*) from crm.deal_contacts deal_contacts$14 join crm.deals deals$13 on deals$13.account_id = (select access.account_id()) and deals$13.id = deal_contacts$14.deal_id where deal_contacts$14.account_id = (select access.account_id()) and deal_contacts$14.contact_id = page$2.id) as "totalCount"
                from (
                  select coalesce(json_agg(item$0), '[]'::json) as list$0
                  from (
                    select object$12 as item$0
                    from (
                      select deals$15.*
                      from crm.deal_contacts deal_contacts$16 join crm.deals deals$15 on deals$15.account_id = (select access.account_id()) and deals$15.id = deal_contacts$16.deal_id
                      where deal_contacts$16.account_id = (select access.account_id()) and deal_contacts$16.contact_id = page$2.id
                      order by deals$15.created_at desc, deals$15.id desc
                      limit 2
                    ) page$9
                    cross join lateral (
                      select page$9.name as "name"
                    ) object$12
                    order by page$9.created_at desc, page$9.id desc
                  ) items$
                ) rows$10
              ) connection$8
            ) as "deals",
              (
              select connection$17 from (
                select rows$19.list$0 as "nodes"
                from (
                  select coalesce(json_agg(item$0), '[]'::json) as list$0
                  from (
                    select object$21 as item$0
                    from (
                      select tickets$22.*
                      from crm.tickets tickets$22
                      where tickets$22.account_id = (select access.account_id()) and tickets$22.contact_id = page$2.id
                      order by tickets$22.created_at desc, tickets$22.id desc
                      limit 1
                    ) page$18
                    cross join lateral (
                      select page$18.subject as "subject"
                    ) object$21
                    order by page$18.created_at desc, page$18.id desc
                  ) items$
                ) rows$19
              ) connection$17
            ) as "tickets"
          ) object$5
          order by page$2.last_name_lower, page$2.id
        ) items$
      ) rows$3
    ) connection$1
  ) as "contacts"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
