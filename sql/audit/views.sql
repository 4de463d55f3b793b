-- Concern: views run as their caller. A view that does not runs as its owner, and shows what its owner sees. Analysts' alone run
-- as a reader, and let no condition of theirs in before the policies have been asked.
-- A violation: a view without security_invoker; one of an analyst's that is no barrier or has no OFFSET; or a rewrite rule on a
-- table, which has no caller at all.
-- To mend: `with (security_invoker = true)` in sql/functions/800_views.sql, then `cloison migrate`; drop the rule.
select format('view %s: is not security_invoker', c.oid::regclass) as violation
  from pg_catalog.pg_class c
 where c.relkind = 'v'
   and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and not exists (
     select from pg_options_to_table(c.reloptions) o
      where o.option_name = 'security_invoker' and o.option_value::boolean
   )
union all
select format('view %s: lets conditions of analysts in before the policies', c.oid::regclass)
  from pg_catalog.pg_class c
 where c.relnamespace = 'analyst'::regnamespace
   and not (
     c.relkind = 'v' and c.relowner = 'cloison_window'::regrole
     and pg_get_viewdef(c.oid) ~ '\n\s+OFFSET 0;$'
     and exists (
       select from pg_options_to_table(c.reloptions) o
        where o.option_name = 'security_barrier' and o.option_value::boolean
     )
     and not exists (
       select from pg_options_to_table(c.reloptions) o
        where o.option_name = 'security_invoker' and o.option_value::boolean
     )
   )
union all
select format('rule %I on %s: rewrites statements of its callers', r.rulename, r.ev_class::regclass)
  from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class
 where c.relnamespace in (
   'crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace, 'analyst'::regnamespace
 )
   and r.rulename <> '_RETURN'
 order by 1;
