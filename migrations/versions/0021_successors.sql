-- It answers now, too, which invitations name the successor.
drop function if exists access.delete_role(uuid, uuid, uuid);
