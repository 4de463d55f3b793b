-- Concern: in which account which modules have sensitive columns (C9). The registry says which columns these are; an account
-- may have them as ordinary ones, for whoever views and updates the row. By module: they stand in one row beside the row.

create or replace function access.set_sensitive(account uuid, module text, sensitive boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
begin
  perform access_private.authorize(account, 'settings');
  if module is null or module not in (
    {% for m in registry.modules if m.sensitive and not m.part_of -%}
    '{{ m.name }}'{{ ', ' if not loop.last }}
    {%- endfor %}
  ) then
    perform access.bad_input('module', 'there is no such module with sensitive columns');
  end if;
  if sensitive is null then
    perform access.bad_input('sensitive', 'they are sensitive or not');
  end if;
  -- Everybody's `view` on whatever scope is widened by what was view_sensitive's, or loses it again: both are given and taken
  -- by who has it on all rows himself, and for good (G1).
  perform access_private.bound_cells(array[
    set_sensitive.module || ':' || case when sensitive then 'view' else 'view_sensitive' end || ':all'
  ]);
  present := clock_timestamp();
  if set_sensitive.sensitive = coalesce(
    (
      select s.sensitive from access.sensitivity s
       where s.account_id = account and s.module = set_sensitive.module and s.valid @> present
    ),
    true
  ) then
    return;
  end if;
  update access.sensitivity s set valid = tstzrange(lower(s.valid), present)
   where s.account_id = account and s.module = set_sensitive.module and s.valid @> present;
  insert into access.sensitivity (account_id, module, sensitive, valid)
  values (account, set_sensitive.module, set_sensitive.sensitive, tstzrange(present, null));
end $$;
comment on function access.set_sensitive(uuid, text, boolean) is
  'Makes the sensitive columns of a module ordinary ones in an account, or sensitive again, with the next statement (C9).';
