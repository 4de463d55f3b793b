-- Concern: a key of an import stands for a row that the importing member made. Asked after the statement, since the same
-- statement may claim the keys first and make their rows then.

create or replace function access_private.keys_of_own_rows() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' and exists (
    select from claimed k
     where case k.module
       {%- for m in registry.modules %}
       when '{{ m.name }}' then exists (
         select from crm.{{ m.name }} t
          where t.account_id = k.account_id and t.id = k.row_id and t.created_by = k.imported_by
       )
       {%- endfor %}
     end is not true
  ) then
    perform access.not_found('imports', 'row_id');
  end if;
  return null;
end $$;
comment on function access_private.keys_of_own_rows() is 'After insert: every key stands for a row that its importer made, else U0404.';
