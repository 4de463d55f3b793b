-- Concern: how much a member owns (T10), as far as the caller sees it.

-- Invoker: rows are counted under the caller's own policies. A branch for each module, so that a session plans those alone
-- of which it may see rows.
create or replace function access.owned_rows(member uuid) returns table (module text, count bigint)
  language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
  {% for m in registry.modules if m.kind in ('record', 'asset') -%}
  if access.reach('{{ m.name }}', 'view') <> 0 then
    return query
      select '{{ m.name }}', count(*) from crm.{{ m.name }} t
       where t.account_id = access.account_id() and t.owner_id = member
      having count(*) > 0;
  end if;
  {% endfor -%}
end $$;
comment on function access.owned_rows(uuid) is
  'How many rows a member owns, by module, as far as you see them; modules without any are left out.';
