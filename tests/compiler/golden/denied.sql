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
            select contacts$6.*
            from crm.contacts contacts$6
            where contacts$6.account_id = (select access.account_id())
            order by contacts$6.created_at desc, contacts$6.id desc
            limit 2
          ) page$2
          cross join lateral (
            select page$2.last_name as "lastName",
              null::json as "company",
              null::json as "deals",
              null::json as "tickets"
          ) object$5
          order by page$2.created_at desc, page$2.id desc
        ) items$
      ) rows$3
    ) connection$1
  ) as "contacts",
    null::json as "deals"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
