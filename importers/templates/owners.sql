-- Concern: the ids of those whom a block's lines name as owners, as far as the member knows them.
-- $1 account.
insert into pg_temp.import_people (email, id)
select p.email, p.id
  from crm.people as p
 where p.account_id = $1 and p.email in (select s.owner from pg_temp.{{ block.table }} as s)
on conflict (email) do nothing
