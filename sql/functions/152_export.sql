-- Concern: taking rows out to files (C2). `export` has scopes of its own, and never reaches beyond `view`.

create or replace function access.require_export(module_name text, sensitive boolean) returns void
  language plpgsql stable
as $$
begin
  if access.reach(module_name, 'export') = 0 then
    perform access.forbid(module_name, 'export');
  end if;
  if sensitive and access.reach(module_name, 'view_sensitive') = 0 then
    perform access.forbid(module_name, 'view_sensitive');
  end if;
end $$;
comment on function access.require_export(text, boolean) is
  'U0403 unless the session may take rows of the module out to files, and view sensitive columns where it wants some.';
