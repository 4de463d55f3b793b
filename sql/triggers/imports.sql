-- Concern: nobody plants a key for another's row, or for one to come: an import would take it for its own work.
create trigger import_key_of_own_row after insert on access.import_key
  referencing new table as claimed for each statement execute function access_private.keys_of_own_rows();
