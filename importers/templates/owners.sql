-- Concern: the ids of those whom a block's lines name as owners, as far as the member knows them, and the teams where
-- their rows start (O4): asked once for each, where the trigger would ask for each row.
-- $1 account.
insert into pg_temp.import_people (email, id, main_team)
select p.email, p.id, access.main_team_of(p.id)
  from crm.people as p
 where p.account_id = $1 and p.email in (select s.owner from pg_temp.{{ block.table }} as s)
on conflict (email) do nothing
