-- Concern: who may call which function. Nobody calls anything by default; readers call what only reads; members call what
-- checks for itself; operators' functions and everything private are the engine's.
-- A violation: an analyst, or any login of the server, runs something with the engine's rights.
-- To mend: `cloison migrate` takes back what it did not give.
select format(
         'function %s: %s may call it', p.oid::regprocedure,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end
       ) as violation
  from pg_catalog.pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
 where p.pronamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and g.grantee <> p.proowner
   and (
     g.is_grantable or g.grantee = 0
     or case g.grantee::regrole::text
          when 'cloison_engine' then false
          when 'cloison_gateway' then p.oid::regprocedure::text not in (
            'access.enter(text,uuid,name)', 'access.end_stale_sessions(interval)', 'access.remove_unused_profiles(interval)',
            'access.forget_answers()', 'access.accounts_of(uuid)', 'access.open_token(text,uuid,text)',
            'access.accept_invitation(text,uuid,text)', 'access.subscribe_account(text,text,uuid,text,text)',
            'access.forget_invitations()', 'access.purge_trash(interval,integer)',
            'access.take_job(interval)', 'access.leave_job(text,uuid,integer,text,text,interval)', 'access.remove_old_jobs(interval)'
          )
          when 'cloison_signaller' then
            p.oid::regprocedure::text <> 'access_private.has_passed_an_end(name,timestamp with time zone)'
          when 'cloison_analyst' then p.pronamespace <> 'access'::regnamespace or p.provolatile = 'v'
          when 'cloison_reader' then p.pronamespace <> 'access'::regnamespace or p.provolatile = 'v'
          when 'cloison_member' then
            p.pronamespace <> 'access'::regnamespace
            or p.proname in (
              'create_account', 'set_account_kind', 'set_account_tier', 'create_analyst', 'revoke_analyst',
              'end_stale_sessions', 'enter', 'purge_trash', 'erase_person_everywhere',
              'forget_answers', 'forget_invitations', 'accounts_of', 'open_token',
              'accept_invitation', 'subscribe_account', 'allow_subscribing', 'add_operator', 'remove_operator', 'take_emails', 'email_delivered',
              'take_job', 'leave_job', 'remove_old_jobs'
            )
          else true
        end
   )
 order by 1;
