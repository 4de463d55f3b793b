-- Concern: access.has(), its kin and what is planned are constants to the planner, which is right in policies alone, since
-- only row-level security makes plans depend on the role; and has() is never denied, since a limit is a capability.
-- A violation: a view, default, constraint or function that would keep a former role's answer; a policy that shows more to
-- whom holds less.
-- To mend: use access.reach() or access.profile(), the stable forms; say the limit as a capability of its own.
with constants as (
  select p.oid from pg_catalog.pg_proc p
   where p.oid in (
     'access.has(text,text,text)'::regprocedure, 'access.has_on_any(text,text)'::regprocedure,
     'access.has_change(text,text)'::regprocedure, 'access.planned_profile()'::regprocedure,
     'access.planned_for_gateway()'::regprocedure, 'access.account_of(name)'::regprocedure,
     'access.policy_user_id()'::regprocedure, 'access.policy_team_keys()'::regprocedure
   )
)
-- What the catalogue knows to depend on them: views, defaults, constraints, indexes, SQL bodies, conditions of triggers.
select format(
         '%s: calls %s, which only policies may', pg_describe_object(d.classid, d.objid, d.objsubid), d.refobjid::regprocedure
       ) as violation
  from pg_catalog.pg_depend d
 where d.refclassid = 'pg_catalog.pg_proc'::regclass and d.refobjid in (select c.oid from constants c)
   and d.classid <> 'pg_catalog.pg_policy'::regclass
   -- Of one another they may be made.
   and not (d.classid = 'pg_catalog.pg_proc'::regclass and d.objid in (select c.oid from constants c))
union all
-- Bodies that are text are known to nobody, so they are read.
select format('function %s: calls %s, which only policies may', p.oid::regprocedure, called[1])
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace,
  regexp_matches(regexp_replace(p.prosrc, '--[^\n]*', '', 'g'), '\m(has|has_on_any|has_change|planned_profile|planned_for_gateway|account_of|policy_user_id|policy_team_keys)\s*\(', 'gi') called
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
   and p.prolang in (select l.oid from pg_catalog.pg_language l where l.lanname in ('sql', 'plpgsql'))
union all
select format('policy %I on %s: asks for what is not held', p.polname, p.polrelid::regclass)
  from pg_catalog.pg_policy p,
  lateral (values (pg_get_expr(p.polqual, p.polrelid)), (pg_get_expr(p.polwithcheck, p.polrelid))) said (expression),
  -- What a NOT denies ends at the parenthesis that was open when it began.
  lateral (
    select substr(said.expression, found.at + 4) as tail
      from generate_series(1, length(said.expression)) found (at)
     where substr(said.expression, found.at, 4) = 'NOT '
  ) denial,
  lateral (
    select left(denial.tail, min(depth.at)::integer) as operand
      from (
        select letter.at,
               sum(case substr(denial.tail, letter.at::integer, 1) when '(' then 1 when ')' then -1 else 0 end)
                 over (order by letter.at) as open
          from generate_series(1, length(denial.tail)) letter (at)
      ) depth
     where depth.open < 0
  ) denied
 where coalesce(denied.operand, denial.tail) ~ 'access\.has(_on_any|_change)?\('
union all
select format('policy %I on %s: compares what is held', p.polname, p.polrelid::regclass)
  from pg_catalog.pg_policy p
 where concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
       ~ 'access\.has(_on_any|_change)?\([^()]*\)\)*\s+(=|<>|IS)'
    or concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
       ~ '(=|<>)\s+\(*access\.has(_on_any|_change)?\('
 order by 1;
