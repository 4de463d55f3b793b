-- Concern: who may ask how much a member owns: everybody, of rows that they see.
grant execute on function access.owned_rows(uuid) to cloison_reader;
grant execute on function access.reassigned() to cloison_member;
