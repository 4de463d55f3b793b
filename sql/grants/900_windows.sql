-- Concern: what analysts read, and through what: a view for each table and view of crm that readers read, and no table.
--
-- Whoever may write any statement could ask of hidden rows what they hold. PostgreSQL runs a comparison that gives nothing
-- away (`leakproof`) before the policies where that is cheaper, and so must it for indexes to serve; but EXPLAIN ANALYZE,
-- and the counters of pg_stat_xact_user_tables, tell whether a row came as far as the policies. So an analyst's conditions
-- stay outside: OFFSET 0 keeps them from being pushed into the view, security_barrier the planner's estimates from what is
-- known of hidden rows. The views belong to a role that is a reader and nothing else, since rows are then looked for under
-- its policies, which ask session_user which member it is (docs/decisions/0035).
do $$
declare
  window_of record;
  described record;
begin
  for window_of in
    select c.oid, c.relname,
           case c.relkind when 'v' then format('(%s)', rtrim(pg_get_viewdef(c.oid), ';')) else c.oid::regclass::text end as source
      from pg_catalog.pg_class c
     where (c.relnamespace = 'crm'::regnamespace or c.oid = 'access.outbox'::regclass)
       and c.relkind in ('r', 'p', 'v') and has_table_privilege('cloison_reader', c.oid, 'select')
     order by c.relname
  loop
    execute format(
      'create view analyst.%I with (security_barrier = true) as select t.* from %s t offset 0', window_of.relname, window_of.source
    );
    execute format('alter view analyst.%I owner to cloison_window', window_of.relname);
    execute format('grant select on analyst.%I to cloison_analyst', window_of.relname);
    for described in
      select a.attname, d.description
        from pg_catalog.pg_description d
        left join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid and d.objsubid > 0
       where d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = window_of.oid
         and (d.objsubid = 0 or not a.attisdropped)
    loop
      if described.attname is null then
        execute format('comment on view analyst.%I is %L', window_of.relname, described.description);
      else
        execute format(
          'comment on column analyst.%I.%I is %L', window_of.relname, described.attname, described.description
        );
      end if;
    end loop;
  end loop;
end $$;

grant usage on schema analyst, access to cloison_analyst;

-- What the policies and the views ask is asked in the analyst's name.
do $$
declare
  asked record;
begin
  for asked in
    select p.oid::regprocedure as signature
      from pg_catalog.pg_proc p, aclexplode(p.proacl) g
     where p.pronamespace = 'access'::regnamespace and g.grantee = 'cloison_reader'::regrole
  loop
    execute format('grant execute on function %s to cloison_analyst', asked.signature);
  end loop;
end $$;
grant execute on function
  access.analyst_sees_row(text, uuid), access.analyst_known_state(jsonb), access.analyst_knows_team(uuid), access.analyst_owned_rows(uuid)
  to cloison_analyst;
