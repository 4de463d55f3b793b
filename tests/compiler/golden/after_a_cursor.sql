select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
cross join lateral (
  select (
    select connection$1 from (
      select rows$3.list$0 as "edges",
        page_info$8 as "pageInfo"
      from (
        select coalesce(json_agg(item$0), '[]'::json) as list$0,
          coalesce(max(fetched$), 0) > 2 as more$
        from (
          select object$5 as item$0,
            page$2.fetched$
          from (
            select fetched$.*,
              row_number() over () as number$,
              count(*) over () as fetched$
            from (
              select deals$9.*
              from crm.deals deals$9
              where deals$9.account_id = (select access.account_id()) and deals$9.id = any (array(select access.page_of_deals(3, $1::timestamptz, $2::uuid, null, null, false)))
              order by deals$9.created_at desc, deals$9.id desc
              limit 3
            ) fetched$
          ) page$2
          cross join lateral (
            select page$2.name as "name",
              page$2.created_at as "createdAt"
          ) object$6
          cross join lateral (
            select object$6 as "node"
          ) object$5
          where page$2.number$ <= 2
          order by page$2.created_at desc, page$2.id desc
        ) items$
      ) rows$3
      cross join lateral (
        select rows$3.more$ as "hasNextPage",
          exists (select from crm.deals deals$7 where deals$7.account_id = (select access.account_id()) and (deals$7.created_at, deals$7.id) >= ($1::timestamptz, $2::uuid)) as "hasPreviousPage"
      ) page_info$8
    ) connection$1
  ) as "deals"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
