-- Concern: what deactivated members would hold and reach is what all facts say: waiting_profile equals its own recomputation,
-- row by row. Nobody acts by it; what is done to them is bound by it (C6, G1).
-- A violation: a fact was changed past the triggers (session_replication_role, a disabled trigger).
-- To mend: `select access_private.refresh_all()`, then find out who changed facts by hand.
with expected as materialized (
  select m.account_id, m.user_id, e.valid, e.cells, e.team_keys
    from access.member m, access_private.expected_profiles(m.account_id, m.user_id, 'deactivated') e
),
-- What is past when the facts have been read does not matter any more.
present as materialized (
  select tstzrange(clock_timestamp(), null) as onwards from (select count(*) from expected) counted
),
should as (
  select e.account_id, e.user_id, e.cells, e.team_keys, range_agg(e.valid * p.onwards) as valid
    from expected e, present p where e.valid && p.onwards
   group by e.account_id, e.user_id, e.cells, e.team_keys
),
is_so as (
  select w.account_id, w.user_id, w.cells, w.team_keys, range_agg(w.valid * p.onwards) as valid
    from access_private.waiting_profile w, present p where w.valid && p.onwards
   group by w.account_id, w.user_id, w.cells, w.team_keys
)
select format(
         'user %s in account %s: what waits for a deactivated member is not what the facts say',
         coalesce(i.user_id, s.user_id), coalesce(i.account_id, s.account_id)
       ) as violation
  from is_so i
  full join should s
    on (s.account_id, s.user_id, s.cells, s.team_keys, s.valid) = (i.account_id, i.user_id, i.cells, i.team_keys, i.valid)
 where i.user_id is null or s.user_id is null
 order by violation;
