-- Concern: references stay inside an account, and nothing follows them: between tables of accounts every foreign key pairs
-- account_id with account_id, and whatever is referred to is neither deleted nor changed from afar.
-- A violation: a row of one account could refer to a row of another (T1); a cascade would write rows as the table's owner,
-- past policies and past the action wall; a global table could not be replicated to every node if it referred to a tenant.
-- To mend: a revision that makes the constraint anew: composite, ON DELETE NO ACTION, validated.
with keyed as (
  select c.oid, c.conname, c.conrelid, c.confrelid, c.conkey, c.confkey, c.confdeltype, c.confupdtype, c.convalidated,
         coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true) as enforced,
         near.attnum as near_account, far.attnum as far_account
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_class t on t.oid = c.conrelid
    left join pg_catalog.pg_attribute near on near.attrelid = c.conrelid and near.attname = 'account_id'
    left join pg_catalog.pg_attribute far on far.attrelid = c.confrelid and far.attname = 'account_id'
   where c.contype = 'f'
     and t.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
)
select format('foreign key %I of %s: ON DELETE and ON UPDATE must be NO ACTION', k.conname, k.conrelid::regclass) as violation
  from keyed k where k.confdeltype <> 'a' or k.confupdtype <> 'a'
union all
select format('foreign key %I of %s: is not validated or not enforced', k.conname, k.conrelid::regclass)
  from keyed k where not (k.convalidated and k.enforced)
union all
select format('foreign key %I of %s: leads from a global table to rows of accounts', k.conname, k.conrelid::regclass)
  from keyed k where k.near_account is null and k.far_account is not null
union all
select format('foreign key %I of %s: does not pair account_id with account_id', k.conname, k.conrelid::regclass)
  from keyed k
 where k.near_account is not null and k.far_account is not null
   and not exists (
     select from unnest(k.conkey, k.confkey) pair (near, far)
      where pair.near = k.near_account and pair.far = k.far_account
   )
 order by 1;
