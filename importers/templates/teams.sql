-- Concern: the ids of teams that lines name by key.
-- $1 keys, $2 ids.
insert into pg_temp.import_teams (key, id)
select t.key, t.id
  from unnest($1::text[], $2::uuid[]) as t (key, id)
on conflict (key) do nothing
