-- Concern: what PostgreSQL gives to everybody and nobody needs here: connecting, temporary tables, large objects (which are
-- written without any table), messages in the write-ahead log (which grows by them), advisory locks (which another's
-- migration would wait for). Functions of the system belong to a superuser; an administrator who is none keeps what he was given, and `cloison doctor` says so.
do $$
declare
  f record;
begin
  execute format('revoke connect, temporary on database %I from public, cloison_reader', current_database());
  execute format('grant connect on database %I to cloison_analyst, cloison_gateway', current_database());
  execute format('grant temporary on database %I to cloison_gateway', current_database());
  if (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
    for f in
      select p.oid::regprocedure as signature from pg_catalog.pg_proc p
       where p.pronamespace = 'pg_catalog'::regnamespace
         and (
           p.proname like 'lo\_%' or p.proname in ('loread', 'lowrite', 'pg_logical_emit_message')
           or p.proname like 'pg\_%advisory%'
         )
         -- Drivers' pools let go of what nobody could take.
         and p.proname not like 'pg\_advisory\_unlock%'
    loop
      execute format('revoke execute on function %s from public', f.signature);
    end loop;
    -- So that it can bound the files that an analyst's statement may fill, which nobody but a superuser could.
    grant set on parameter temp_file_limit to cloison_role_maker;
  end if;
end $$;
