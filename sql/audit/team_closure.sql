-- Concern: which teams a team reaches is what the tree says (T4): the closure equals its recomputation, and has no cycle.
-- A violation: members reach rows of a team that is not below theirs, or miss those of one that is.
-- To mend: `select access_private.refresh_all()`, then find out who changed the tree by hand.
with recursive down as (
  select t.account_id, t.id as ancestor_id, t.id as descendant_id, 0 as depth, array[t.id] as path
    from access.team t where t.deleted_at is null
  union all
  select d.account_id, d.ancestor_id, e.team_id, d.depth + 1, d.path || e.team_id
    from down d
    join access.team_edge e on e.account_id = d.account_id and e.parent_id = d.descendant_id
   where e.valid @> clock_timestamp() and e.team_id <> all (d.path)
),
should as (
  select d.account_id, d.ancestor_id, d.descendant_id, d.depth from down d
),
is_so as (
  select c.account_id, c.ancestor_id, c.descendant_id, c.depth from access_private.team_closure c
)
select format('account %s: team %s reaches %s, and should not', x.account_id, x.ancestor_id, x.descendant_id) as violation
  from is_so x
 where not exists (select from should s where s = x)
union all
select format('account %s: team %s should reach %s, and does not', x.account_id, x.ancestor_id, x.descendant_id)
  from should x
 where not exists (select from is_so i where i = x)
union all
select format('account %s: team %s stands below itself', d.account_id, d.ancestor_id)
  from down d
  join access.team_edge e on e.account_id = d.account_id and e.parent_id = d.descendant_id and e.team_id = d.ancestor_id
 where e.valid @> clock_timestamp()
 order by 1;
