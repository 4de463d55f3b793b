-- Concern: what members may do now and in each period to come is what all facts say: session_profile equals its own
-- recomputation, row by row.
-- A violation: a member acts with rights that nobody gave, or without rights that somebody gave; a fact was changed past the
-- triggers (session_replication_role, a disabled trigger), or the profiles are of another server (a restore).
-- To mend: `select access_private.refresh_all()`, then find out who changed facts by hand.
with expected as materialized (
  select m.account_id, m.user_id, e.valid, access_private.profile_name(e.cells, false) as profile,
         access_private.profile_name(e.reader_cells, true) as reader_profile, e.team_keys
    from access.member m, access_private.expected_profiles(m.account_id, m.user_id) e
),
-- What is past when the facts have been read does not matter any more.
present as materialized (
  select tstzrange(clock_timestamp(), null) as onwards from (select count(*) from expected) counted
),
should as (
  select e.account_id, e.user_id, e.profile, e.reader_profile, e.team_keys, range_agg(e.valid * p.onwards) as valid
    from expected e, present p where e.valid && p.onwards
   group by e.account_id, e.user_id, e.profile, e.reader_profile, e.team_keys
),
is_so as (
  select s.account_id, s.user_id, s.profile, s.reader_profile, s.team_keys, range_agg(s.valid * p.onwards) as valid
    from access_private.session_profile s, present p where s.valid && p.onwards
   group by s.account_id, s.user_id, s.profile, s.reader_profile, s.team_keys
)
select format('user %s in account %s: may act as %s, and should not', i.user_id, i.account_id, i.profile) as violation
  from is_so i
 where not exists (
   select from should s
    where (s.account_id, s.user_id, s.profile, s.reader_profile, s.team_keys, s.valid)
          = (i.account_id, i.user_id, i.profile, i.reader_profile, i.team_keys, i.valid)
 )
union all
select format('user %s in account %s: should act as %s, and may not', s.user_id, s.account_id, s.profile)
  from should s
 where not exists (
   select from is_so i
    where (i.account_id, i.user_id, i.profile, i.reader_profile, i.team_keys, i.valid)
          = (s.account_id, s.user_id, s.profile, s.reader_profile, s.team_keys, s.valid)
 )
 order by violation;
