select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
cross join lateral (
  select (
    select connection$1 from (
      select rows$3.list$0 as "nodes",
        page_info$6 as "pageInfo",
        (select count(*) from crm.deals deals$7 where deals$7.account_id = (select access.account_id())) as "totalCount"
      from (
        select coalesce(json_agg(item$0), '[]'::json) as list$0,
          coalesce(max(fetched$), 0) > 3 as more$
        from (
          select object$5 as item$0,
            page$2.fetched$
          from (
            select fetched$.*,
              row_number() over () as number$,
              count(*) over () as fetched$
            from (
              select deals$8.*
              from crm.deals deals$8
              where deals$8.account_id = (select access.account_id()) and deals$8.id = any (array(select access.page_of_deals(4, null, null, null, null, false)))
              order by deals$8.created_at desc, deals$8.id desc
              limit 4
            ) fetched$
          ) page$2
          cross join lateral (
            select 'Deal:' || page$2.id as "id",
              page$2.name as "name"
          ) object$5
          where page$2.number$ <= 3
          order by page$2.created_at desc, page$2.id desc
        ) items$
      ) rows$3
      cross join lateral (
        select rows$3.more$ as "hasNextPage",
          false as "hasPreviousPage"
      ) page_info$6
    ) connection$1
  ) as "deals"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
