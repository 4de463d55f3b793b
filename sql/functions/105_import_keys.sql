-- Concern: a key of an import stands for a row that the importing member made. Asked after the statement, since the same
-- statement may claim the keys first and make their rows then. Rows are counted by an array of their ids: while a table
-- is new, the planner has no notion of it, and asked for each row, it may well read all of the account's for each.

create or replace function access_private.keys_of_own_rows() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim record;
  found bigint;
begin
  if session_user <> 'cloison_gateway' then
    return null;
  end if;
  for claim in
    select k.account_id, k.imported_by, k.module, array_agg(distinct k.row_id) as ids
      from claimed k group by k.account_id, k.imported_by, k.module
  loop
    found := 0;
    {% for m in registry.modules if 'import' in m.action_names -%}
    if claim.module = '{{ m.name }}' then
      select count(*) into found from crm.{{ m.name }} t
       where t.account_id = claim.account_id and t.id = any (claim.ids) and t.created_by = claim.imported_by;
    end if;
    {% endfor -%}
    if found <> cardinality(claim.ids) then
      perform access.not_found('imports', 'row_id');
    end if;
  end loop;
  return null;
end $$;
comment on function access_private.keys_of_own_rows() is 'After insert: every key stands for a row that its importer made, else U0404.';
