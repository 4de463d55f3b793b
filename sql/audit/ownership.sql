-- Concern: schemas, tables and views belong to cloison_owner, who cannot log in and of whom nobody is a member. Who owns a
-- table may turn its row-level security off.
-- A violation: something made by hand, that its maker goes on owning.
-- To mend: `alter ... owner to cloison_owner`.
select format('schema %s: belongs to %s', n.nspname, n.nspowner::regrole) as violation
  from pg_catalog.pg_namespace n
 where n.nspname in ('crm', 'access', 'access_private', 'analyst', 'extensions') and n.nspowner <> 'cloison_owner'::regrole
union all
select format('%s: belongs to %s', c.oid::regclass, c.relowner::regrole)
  from pg_catalog.pg_class c
 where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relowner <> 'cloison_owner'::regrole
   -- Alembic's own, made before there is an owner to be.
   and c.oid <> 'access_private.revision'::regclass
 order by 1;
