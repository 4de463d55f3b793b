select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
cross join lateral (
  select (
    select connection$1 from (
      select rows$3.list$0 as "edges",
        page_info$6 as "pageInfo"
      from (
        select coalesce(json_agg(item$0), '[]'::json) as list$0,
          (array_agg(at$))[1] as start$, (array_agg(at$))[count(*)] as end$
        from (
          select object$5 as item$0,
            at$4.payload as at$
          from (
            select deals$7.*
            from crm.deals deals$7
            where deals$7.account_id = (select access.account_id())
            order by deals$7.closed_on nulls last, deals$7.id
            limit 0
          ) page$2
          cross join lateral (
            select json_build_array(page$2.closed_on, page$2.id)::text as payload
          ) at$4
          cross join lateral (
            select translate(encode(substr(sha256($1::bytea || sha256($1::bytea || convert_to(at$4.payload, 'UTF8'))), 1, 16) || convert_to(at$4.payload, 'UTF8'), 'base64'), E'+/=\n', '-_') as "cursor"
          ) object$5
          order by page$2.closed_on nulls last, page$2.id
        ) items$
      ) rows$3
      cross join lateral (
        select translate(encode(substr(sha256($1::bytea || sha256($1::bytea || convert_to(rows$3.start$, 'UTF8'))), 1, 16) || convert_to(rows$3.start$, 'UTF8'), 'base64'), E'+/=\n', '-_') as "startCursor",
          translate(encode(substr(sha256($1::bytea || sha256($1::bytea || convert_to(rows$3.end$, 'UTF8'))), 1, 16) || convert_to(rows$3.end$, 'UTF8'), 'base64'), E'+/=\n', '-_') as "endCursor"
      ) page_info$6
    ) connection$1
  ) as "deals"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
