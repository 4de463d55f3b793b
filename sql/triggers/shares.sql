-- Concern: shares end with what they are of, and with whom they are with (O8).
create trigger shares_of_deleted after update on access.team
  referencing new table as changed for each statement execute function access_private.shares_of_team_end();
create constraint trigger membership_ends_shares after insert or update or delete on access.membership
  deferrable initially deferred for each row execute function access_private.shares_of_member_end();
