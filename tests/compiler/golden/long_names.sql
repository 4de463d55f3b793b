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
            select deals$8.*
            from crm.deals deals$8
            where deals$8.account_id = (select access.account_id())
            order by deals$8.created_at desc, deals$8.id desc
            limit 1
          ) page$2
          left join lateral (
            select companies$6.name as "name"
            from crm.companies companies$6
            where companies$6.account_id = (select access.account_id()) and companies$6.id = page$2.company_id
          ) one$7 on true
          cross join lateral (
            select page$2.name as "aNameThatIsLongerThanTheSixtyThreeBytesThatPostgresAllowsForIt",
              one$7 as "company"
          ) object$5
          order by page$2.created_at desc, page$2.id desc
        ) items$
      ) rows$3
    ) connection$1
  ) as "deals"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
