select case when octet_length(json$.data) <= 16777216 then json$.data else access.limit_exceeded('answer', 16777216, octet_length(json$.data)) end as data
from (select) nothing$
left join lateral (
  select object$2 as "user",
    object$3 as "account",
    viewer$1.role as "role",
    viewer$1.super_admin as "superAdmin",
    many$6.list as "teams",
    many$11.list as "capabilities"
  from crm.viewer viewer$1
  cross join lateral (
    select viewer$1.user_name as "name",
      viewer$1.user_email as "email"
  ) object$2
  cross join lateral (
    select viewer$1.account_slug as "slug",
      viewer$1.account_name as "name",
      upper(viewer$1.account_kind) as "kind"
  ) object$3
  cross join lateral (
    select coalesce(json_agg(item$5), '[]'::json) as list
    from (
      select each$4.name as "name",
        each$4.is_main as "isMain",
        one$8 as "parent"
      from (select t$.*, t$.id is not distinct from viewer$1.main_team_id as is_main from crm.teams t$ where t$.account_id = (select access.account_id()) and t$.id = any (viewer$1.team_ids)) each$4
      left join lateral (
        select teams$7.name as "name"
        from crm.teams teams$7
        where teams$7.account_id = (select access.account_id()) and teams$7.id = each$4.parent_id
      ) one$8 on true
      order by each$4.is_main desc, each$4.name, each$4.id
    ) item$5
  ) many$6
  cross join lateral (
    select coalesce(json_agg(item$10), '[]'::json) as list
    from (
      select each$9.module as "module",
        many$14.list as "actions"
      from (select distinct c$.module from crm.capabilities c$) each$9
      cross join lateral (
        select coalesce(json_agg(item$13), '[]'::json) as list
        from (
          select each$12.action as "action",
            each$12.scopes as "scopes"
          from (select c$.action, c$.scopes from crm.capabilities c$ where c$.module = each$9.module) each$12
          order by each$12.action
        ) item$13
      ) many$14
      order by each$9.module
    ) item$10
  ) many$11
  where viewer$1.account_id = (select access.account_id())
) one$15 on true
cross join lateral (
  select one$15 as "viewer"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
