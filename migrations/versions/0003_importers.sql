-- A key stands for a row that its importer made, and is as hidden as the row: so it says who imported it.
set local role cloison_owner;

alter table access.import_key add column imported_by uuid;

-- Forced row-level security blinds the owner too; sql/ forces it again in the same transaction.
alter table access.import_key no force row level security;
alter table crm.companies no force row level security;
alter table crm.contacts no force row level security;
alter table crm.deals no force row level security;
alter table crm.tickets no force row level security;
alter table crm.landing_pages no force row level security;

update access.import_key k set imported_by = made.created_by
  from (
    select 'companies' as module, t.account_id, t.id, t.created_by from crm.companies t
    union all select 'contacts', t.account_id, t.id, t.created_by from crm.contacts t
    union all select 'deals', t.account_id, t.id, t.created_by from crm.deals t
    union all select 'tickets', t.account_id, t.id, t.created_by from crm.tickets t
    union all select 'landing_pages', t.account_id, t.id, t.created_by from crm.landing_pages t
  ) made
 where made.module = k.module and made.account_id = k.account_id and made.id = k.row_id;

-- A row that is gone says no more who made it; whoever imported the rest of the source did.
update access.import_key k set imported_by = other.imported_by
  from (
    select distinct on (o.account_id, o.source) o.account_id, o.source, o.imported_by
      from access.import_key o where o.imported_by is not null
     order by o.account_id, o.source, o.imported_by
  ) other
 where k.imported_by is null and other.account_id = k.account_id and other.source = k.source;

-- Nothing of these is there any more: they stand for nothing. Had the owner been blind above, the column could not become
-- not null below, and nothing would have happened.
delete from access.import_key k where k.imported_by is null;

alter table access.import_key alter column imported_by set not null;
alter table access.import_key alter column imported_by set default access.user_id();
