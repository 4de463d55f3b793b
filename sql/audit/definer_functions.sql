-- Concern: what runs with another's rights is ours and cannot be led astray: functions belong to the engine, but for the few
-- of the role-maker, the signaller and the views' owner; a definer function pins its search_path to
-- the system's own, with pg_temp last (unnamed, it would come first); none claims to be leakproof.
-- A violation: a function that runs as somebody else (a superuser, at worst); one that finds a table of its caller's
-- making; one that the planner may run before the policies have been asked.
-- To mend: `cloison migrate` puts owners and bodies back; a function of your own belongs into a schema of your own.
select format('function %s: belongs to %s', p.oid::regprocedure, p.proowner::regrole) as violation
  from pg_catalog.pg_proc p
 where p.pronamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and p.proowner <> case
     when p.oid::regprocedure::text in (
       'access_private.make_profile_role(name)', 'access_private.drop_profile_role(name)',
       'access_private.make_login(name,text)', 'access_private.close_login(name)'
     ) then 'cloison_role_maker'::regrole
     when p.oid::regprocedure::text = 'access.end_stale_sessions(interval)' then 'cloison_signaller'::regrole
     when p.oid::regprocedure::text in (
       'access.analyst_sees_row(text,uuid)', 'access.analyst_known_state(jsonb)', 'access.analyst_knows_team(uuid)',
       'access.analyst_owned_rows(uuid)'
     ) then 'cloison_window'::regrole
     else 'cloison_engine'::regrole
   end
union all
select format('function %s: is a definer''s and does not pin its search_path', p.oid::regprocedure)
  from pg_catalog.pg_proc p
 where p.prosecdef and not coalesce(p.proconfig @> array['search_path=pg_catalog, pg_temp'], false)
   and (
     p.pronamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
     or p.proowner in (
       'cloison_owner'::regrole, 'cloison_engine'::regrole, 'cloison_role_maker'::regrole, 'cloison_signaller'::regrole,
       'cloison_window'::regrole
     )
   )
union all
select format('function %s: is a definer''s of ours, outside of our schemas', p.oid::regprocedure)
  from pg_catalog.pg_proc p
 where p.prosecdef
   and p.pronamespace not in ('access'::regnamespace, 'access_private'::regnamespace)
   and p.proowner in (
     'cloison_owner'::regrole, 'cloison_engine'::regrole, 'cloison_role_maker'::regrole, 'cloison_signaller'::regrole,
       'cloison_window'::regrole
   )
union all
select format('function %s: claims to be leakproof', p.oid::regprocedure)
  from pg_catalog.pg_proc p
 where p.proleakproof
   and p.pronamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
union all
select format('function %s: is written in %s', p.oid::regprocedure, l.lanname)
  from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
 where p.pronamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and l.lanname not in ('sql', 'plpgsql')
 order by 1;
