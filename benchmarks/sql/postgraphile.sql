-- Concern: what PostGraphile needs of the database to answer what Cloison answers by itself. Small SQL functions, as its
-- users write them.
drop function if exists bench.contacts_access(crm.contacts);
drop type if exists bench.row_access;
create type bench.row_access as (
  can_view_sensitive boolean, can_update boolean, can_delete boolean, can_clone boolean, can_assign boolean,
  can_export boolean
);

create function bench.contacts_access(contact crm.contacts) returns bench.row_access
  language sql stable
  return row(
    access.record_within(
      access.reach('contacts', 'view_sensitive'), contact.owner_id, contact.created_by, contact.team_key,
      access.user_id(), access.team_keys()
    ),
    access.record_within(
      access.reach('contacts', 'update'), contact.owner_id, contact.created_by, contact.team_key,
      access.user_id(), access.team_keys()
    ),
    access.record_within(
      access.reach('contacts', 'delete'), contact.owner_id, contact.created_by, contact.team_key,
      access.user_id(), access.team_keys()
    ),
    access.record_within(
      access.reach('contacts', 'clone'), contact.owner_id, contact.created_by, contact.team_key,
      access.user_id(), access.team_keys()
    ),
    access.record_within(
      access.reach('contacts', 'assign'), contact.owner_id, contact.created_by, contact.team_key,
      access.user_id(), access.team_keys()
    ),
    access.record_within(
      access.reach('contacts', 'export'), contact.owner_id, contact.created_by, contact.team_key,
      access.user_id(), access.team_keys()
    )
  )::bench.row_access;
comment on function bench.contacts_access(crm.contacts) is 'What the caller may do with a contact (a computed column).';
grant execute on function bench.contacts_access(crm.contacts) to cloison_reader;

create or replace function bench.search_contacts(term text) returns setof crm.contacts
  language sql stable
  begin atomic
    select c.* from crm.contacts c
     where c.account_id = access.account_id() and c.id in (select access.find_contacts('last_name', term));
  end;
-- The tag lets PostGraphile order what it returns.
comment on function bench.search_contacts(text) is E'@behavior +order\nContacts whose family name contains the term.';
grant execute on function bench.search_contacts(text) to cloison_reader;
