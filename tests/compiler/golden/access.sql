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
            select contacts$9.*
            from crm.contacts contacts$9
            where contacts$9.account_id = (select access.account_id()) and contacts$9.id = any (array(select access.page_of_contacts(2, null, null, null, null, false)))
            order by contacts$9.created_at desc, contacts$9.id desc
            limit 2
          ) page$2
          cross join lateral (
            select access.record_within(4, page$2.owner_id, page$2.created_by, page$2.team_key, viewer$.me, viewer$.keys) as "canUpdate",
              false as "canDelete",
              access.record_within(4, page$2.owner_id, page$2.created_by, page$2.team_key, viewer$.me, viewer$.keys) as "canViewSensitive"
          ) object$6
          left join lateral (
            select contacts_sensitive$7.birth_date as "birthDate"
            from crm.contacts_sensitive contacts_sensitive$7
            where contacts_sensitive$7.account_id = (select access.account_id()) and contacts_sensitive$7.id = page$2.id
          ) one$8 on true
          cross join lateral (
            select page$2.last_name as "lastName",
              object$6 as "access",
              one$8 as "sensitive"
          ) object$5
          order by page$2.created_at desc, page$2.id desc
        ) items$
      ) rows$3
    ) connection$1
  ) as "contacts"
) answer$
cross join lateral (
  select row_to_json(answer$)::text as data
  offset 0
) json$
