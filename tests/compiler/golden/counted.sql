select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
cross join lateral (
  select (
    select connection$1 from (
      select rows$3.total$ as "totalCount",
        rows$3.list$1 as "nodes",
        rows$3.total$ as "again",
        page_info$6 as "pageInfo"
      from (
        select coalesce(json_agg(item$1), '[]'::json) as list$1,
          coalesce(max(fetched$), 0) > 2 as more$,
          coalesce(max(total$), 0) as total$
        from (
          select object$5 as item$1,
            page$2.fetched$,
            page$2.total$
          from (
            select fetched$.*,
              row_number() over () as number$,
              count(*) over () as fetched$
            from (
              select deals$8.*,
                sorted$.total$
              from (
                select deals$7.amount_cents,
                  deals$7.id,
                  count(*) over () as total$
                from crm.deals deals$7
                where deals$7.account_id = (select access.account_id())
                order by deals$7.amount_cents desc nulls last, deals$7.id desc
                limit 3
              ) sorted$
              join crm.deals deals$8 on deals$8.account_id = (select access.account_id()) and deals$8.id = sorted$.id
              order by sorted$.amount_cents desc nulls last, sorted$.id desc
            ) fetched$
          ) page$2
          cross join lateral (
            select page$2.name as "name",
              page$2.amount_cents as "amountCents"
          ) object$5
          where page$2.number$ <= 2
          order by page$2.amount_cents desc nulls last, page$2.id desc
        ) items$
      ) rows$3
      cross join lateral (
        select rows$3.more$ as "hasNextPage"
      ) page_info$6
    ) connection$1
  ) as "deals",
    (
    select connection$9 from (
      select rows$11.total$ as "totalCount",
        rows$11.list$1 as "edges"
      from (
        select coalesce(json_agg(item$1), '[]'::json) as list$1,
          coalesce(max(total$), 0) as total$
        from (
          select object$13 as item$1,
            page$10.total$
          from (
            select deals$16.*,
              sorted$.total$
            from (
              select deals$15.amount_cents,
                deals$15.id,
                count(*) over () as total$
              from crm.deals deals$15
              where deals$15.account_id = (select access.account_id())
              order by deals$15.amount_cents nulls first, deals$15.id
              limit 2
            ) sorted$
            join crm.deals deals$16 on deals$16.account_id = (select access.account_id()) and deals$16.id = sorted$.id
            order by sorted$.amount_cents nulls first, sorted$.id
          ) page$10
          cross join lateral (
            select page$10.name as "name"
          ) object$14
          cross join lateral (
            select object$14 as "node"
          ) object$13
          order by page$10.amount_cents desc nulls last, page$10.id desc
        ) items$
      ) rows$11
    ) connection$9
  ) as "last",
    (
    select connection$17 from (
      select rows$19.total$ as "totalCount",
        rows$19.list$1 as "nodes"
      from (
        select coalesce(json_agg(item$1), '[]'::json) as list$1,
          coalesce(max(total$), 0) as total$
        from (
          select object$21 as item$1,
            page$18.total$
          from (
            select deals$23.*,
              sorted$.total$
            from (
              select deals$22.amount_cents,
                deals$22.id,
                count(*) over () as total$
              from crm.deals deals$22
              where deals$22.account_id = (select access.account_id()) and deals$22.name = $1::text
              order by deals$22.amount_cents desc nulls last, deals$22.id desc
              limit 20
            ) sorted$
            join crm.deals deals$23 on deals$23.account_id = (select access.account_id()) and deals$23.id = sorted$.id
            order by sorted$.amount_cents desc nulls last, sorted$.id desc
          ) page$18
          cross join lateral (
            select 'Deal:' || page$18.id as "id"
          ) object$21
          order by page$18.amount_cents desc nulls last, page$18.id desc
        ) items$
      ) rows$19
    ) connection$17
  ) as "none",
    (
    select connection$24 from (
      select (select count(*) from crm.deals deals$28 where deals$28.account_id = (select access.account_id())) as "totalCount",
        rows$26.list$1 as "nodes"
      from (
        select coalesce(json_agg(item$1), '[]'::json) as list$1
        from (
          select object$29 as item$1
          from (
            select deals$30.*
            from crm.deals deals$30
            where deals$30.account_id = (select access.account_id())
            order by deals$30.amount_cents desc nulls last, deals$30.id desc
            limit 0
          ) page$25
          cross join lateral (
            select 'Deal:' || page$25.id as "id"
          ) object$29
          order by page$25.amount_cents desc nulls last, page$25.id desc
        ) items$
      ) rows$26
    ) connection$24
  ) as "empty"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
