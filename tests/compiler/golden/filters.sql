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
            select deals$6.*
            from crm.deals deals$6
            where deals$6.account_id = (select access.account_id()) and ((deals$6.name_lower ^@ (lower($1::text collate "default") collate "C") and deals$6.name_lower >= (lower($1::text collate "default") collate "C") and deals$6.name_lower <= (lower($1::text collate "default") collate "C") || repeat(chr(1114111), 300)) or deals$6.id in (select access.find_deals('name', $2::text)) or exists (select from crm.companies companies$7 where companies$7.account_id = (select access.account_id()) and companies$7.id = deals$6.company_id and (strpos(lower(companies$7.city collate "default") collate "C", lower($3::text collate "default") collate "C") > 0 and companies$7.founded_year < $4::integer)) or ((exists (select from crm.deal_contacts deal_contacts$9 join crm.contacts contacts$8 on contacts$8.account_id = (select access.account_id()) and contacts$8.id = deal_contacts$9.contact_id where deal_contacts$9.account_id = (select access.account_id()) and deal_contacts$9.deal_id = deals$6.id and contacts$8.lifecycle_stage = $5::text)) is not true)) and (deals$6.product = $6::text) is not true and deals$6.stage = any ($7::text[]::text[]) and (deals$6.amount_cents >= $8::bigint and deals$6.amount_cents is not null)
            order by deals$6.created_at desc, deals$6.id desc
            limit 3
          ) page$2
          cross join lateral (
            select page$2.name as "name",
              upper(page$2.stage) as "stage",
              page$2.amount_cents as "amountCents"
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
