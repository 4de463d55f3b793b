select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
cross join lateral (
  select (
    select connection$1 from (
      select rows$3.list$0 as "nodes",
        page_info$7 as "pageInfo"
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
              select deals$8.*
              from crm.deals deals$8
              where deals$8.account_id = (select access.account_id()) and ((deals$8.amount_cents > $1::bigint) or (deals$8.amount_cents = $1::bigint and deals$8.name_lower < $2::text) or (deals$8.amount_cents = $1::bigint and deals$8.name_lower = $2::text and deals$8.id < $3::uuid))
              order by deals$8.amount_cents nulls first, deals$8.name_lower desc, deals$8.id desc
              limit 3
            ) fetched$
          ) page$2
          cross join lateral (
            select page$2.amount_cents as "amountCents",
              page$2.name as "name"
          ) object$5
          where page$2.number$ <= 2
          order by page$2.amount_cents desc nulls last, page$2.name_lower, page$2.id
        ) items$
      ) rows$3
      cross join lateral (
        select exists (select from crm.deals deals$6 where deals$6.account_id = (select access.account_id()) and (((deals$6.amount_cents < $1::bigint or deals$6.amount_cents is null)) or (deals$6.amount_cents = $1::bigint and deals$6.name_lower > $2::text) or (deals$6.amount_cents = $1::bigint and deals$6.name_lower = $2::text and deals$6.id > $3::uuid) or (deals$6.amount_cents = $1::bigint and deals$6.name_lower = $2::text and deals$6.id = $3::uuid))) as "hasNextPage",
          rows$3.more$ as "hasPreviousPage"
      ) page_info$7
    ) connection$1
  ) as "deals"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
