-- Concern: a profile never changes, because the planner takes what it holds for constants: it is sealed, and its name is the
-- hash of its rows, of this database and of this registry.
-- A violation: rows were added to a profile or taken from it past the trigger, so all who have it hold something else than
-- they were given; or the database was restored and its profiles are still those of the old server.
-- To mend: `select access_private.refresh_all()`, which makes profiles anew under their right names.
select format(
         'profile %s: %s', p.name, case when p.sealed then 'its name is not the hash of its rows' else 'is not sealed' end
       ) as violation
  from access_private.profile p
 where exists (select from access_private.session_profile s where p.name in (s.profile, s.reader_profile))
   and not (
     p.sealed
     and p.name = access_private.profile_name(
       array(
         select c.module || ':' || c.action || ':' || c.scope
           from access_private.profile_capability c
          where c.profile = p.name
          order by c.module, c.action, c.scope
       ),
       p.reader
     )
   )
 order by violation;
