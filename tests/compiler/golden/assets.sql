with viewer$ as materialized (
  select access.user_id() as me,
    access.team_keys() as keys
)
select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
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
            select landing_pages$10.*
            from crm.landing_pages landing_pages$10
            where landing_pages$10.account_id = (select access.account_id()) and (cardinality(landing_pages$10.team_ids) <> 0) and landing_pages$10.restricted = $1::boolean
            order by landing_pages$10.created_at desc, landing_pages$10.id desc
            limit 2
          ) page$2
          cross join lateral (
            select coalesce(json_agg(item$7), '[]'::json) as list
            from (
              select each$6.name as "name"
              from (select t$.* from crm.teams t$ where t$.account_id = (select access.account_id()) and t$.id = any (page$2.team_ids)) each$6
              order by each$6.name, each$6.id
            ) item$7
          ) many$8
          cross join lateral (
            select false as "canPublish",
              (access.asset_within(8, page$2.owner_id, page$2.created_by, page$2.restricted, page$2.team_ids, viewer$.me, viewer$.keys) and (page$2.status not in ('published')) and (page$2.status not in ('published') or page$2.destination is not distinct from 'internal')) as "canUpdate"
          ) object$9
          cross join lateral (
            select page$2.title as "title",
              upper(page$2.status) as "status",
              many$8.list as "teams",
              object$9 as "access"
          ) object$5
          order by page$2.created_at desc, page$2.id desc
        ) items$
      ) rows$3
    ) connection$1
  ) as "landingPages"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
