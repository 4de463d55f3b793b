-- All that one transaction changed has one batch. What was written before is left as it is: nobody rewrites the history.
set local role cloison_owner;

alter table access.access_log add column batch uuid;
comment on column access.access_log.batch is
  'All changes of one transaction, and of no other, have the same; null for those that were written before there was one.';
create index access_log_batch on access.access_log (account_id, batch, at desc, id desc) where batch is not null;
alter table access.access_log alter batch set statistics 0;

-- They answer what else has changed now.
reset role;
drop function if exists
  access.move_team(uuid, uuid, uuid), access.delete_team(uuid, uuid, uuid), access.merge_teams(uuid, uuid[], uuid),
  access.delete_role(uuid, uuid, uuid);
