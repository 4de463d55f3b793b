-- Concern: who the definer functions run as. The engine, but for the few that touch roles or sessions, or read for analysts.
do $$
declare
  f record;
begin
  for f in
    select p.oid::regprocedure as signature,
           case
             when p.proname in (
               'make_profile_role', 'drop_profile_role', 'make_login', 'close_login'
             ) then 'cloison_role_maker'
             when p.proname = 'end_stale_sessions' then 'cloison_signaller'
             when p.proname like 'analyst\_%' and p.proname <> 'analyst_account' then 'cloison_window'
             else 'cloison_engine'
           end as owner
      from pg_catalog.pg_proc p
     where p.pronamespace in ('access'::regnamespace, 'access_private'::regnamespace)
  loop
    execute format('alter function %s owner to %I', f.signature, f.owner);
  end loop;
end $$;
