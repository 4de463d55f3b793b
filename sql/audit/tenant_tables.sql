-- Concern: every table of an account can be found, kept apart and one day sharded by account (design, section 9): it has
-- `account_id uuid not null`, and every key contains it.
-- A violation: a key that holds across accounts is an oracle (its conflict tells of a row of somebody else's), and a table
-- without account_id can be partitioned by nothing. A second key of a module's table is an oracle inside the account.
-- To mend: a revision that adds account_id to the table or to the key.
with ours as (
  select c.oid, c.relnamespace, a.attnum, a.attnotnull, a.atttypid
    from pg_catalog.pg_class c
    left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
   where c.relkind in ('r', 'p')
     and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
)
select format('%s: has no column account_id', o.oid::regclass) as violation
  from ours o where o.relnamespace = 'crm'::regnamespace and o.attnum is null
union all
select format('%s: account_id must be a uuid, and not null', o.oid::regclass)
  from ours o where o.attnum is not null and not (o.attnotnull and o.atttypid = 'uuid'::regtype)
union all
select format('%s: the key %s does not contain account_id', o.oid::regclass, i.indexrelid::regclass)
  from ours o join pg_catalog.pg_index i on i.indrelid = o.oid
 where o.attnum is not null and (i.indisunique or i.indisexclusion) and o.attnum <> all (i.indkey::smallint[])
union all
select format('%s: the unique index %s tells of rows that one may not see', o.oid::regclass, i.indexrelid::regclass)
  from ours o join pg_catalog.pg_index i on i.indrelid = o.oid
 where o.relnamespace = 'crm'::regnamespace and (i.indisunique or i.indisexclusion) and not i.indisprimary
union all
select format('%s: has no key', o.oid::regclass)
  from ours o
 where o.relnamespace in ('crm'::regnamespace, 'access'::regnamespace)
   and not exists (
     select from pg_catalog.pg_index i
      where i.indrelid = o.oid and (i.indisunique or i.indisexclusion) and i.indisvalid
   )
 order by 1;
