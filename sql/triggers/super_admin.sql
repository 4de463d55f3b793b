-- Concern: an account keeps at least one active super admin, whatever statement changes memberships (T9). Deferred, since a
-- change ends one row and begins another; the functions that change memberships ask at once.
create constraint trigger membership_keeps_super_admin after insert or update or delete on access.membership
  deferrable initially deferred for each row execute function access_private.keep_super_admin();
