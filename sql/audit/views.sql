-- Concern: views run as their caller. A view that does not runs as its owner, and shows what its owner sees.
-- A violation: a view without security_invoker; or a rewrite rule on a table, which has no caller at all.
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
select format('rule %I on %s: rewrites statements of its callers', r.rulename, r.ev_class::regclass)
  from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class
 where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and r.rulename <> '_RETURN'
 order by 1;
