-- Concern: rows that stand below others of their module wait for them.
-- $1 keys, $2 ranks, $3 keys that go round in a circle.
with ranked as (
  update pg_temp.{{ block.table }} as s set rank = r.rank
    from unnest($1::text[], $2::integer[]) as r (key, rank)
   where s.key = r.key
)
delete from pg_temp.{{ block.table }} as s where s.key = any ($3::text[])
