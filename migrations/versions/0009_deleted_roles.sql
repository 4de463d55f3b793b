-- Memberships and cells of the past refer to a role, so it is marked as deleted, as a team is. Names are those of the roles
-- that there are.
set local role cloison_owner;

alter table access.role add column deleted_at timestamptz;
alter table access.role drop constraint role_account_id_name_key;
create unique index role_name on access.role (account_id, name) where deleted_at is null;
