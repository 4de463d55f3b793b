-- Concern: the trash is read by members under policies, and written by the engine. Analysts, who delete nothing, have no part
-- in it.
grant select on access.trash, access.trash_sensitive, crm.trash to cloison_member;
grant execute on function access.left_out(), access.reaches_in_trash(text) to cloison_member;
grant execute on function access.purge_trash(interval, integer) to cloison_gateway;
