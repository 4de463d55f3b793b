-- Concern: what members call beyond reading, each bound inside by what the member holds.
grant execute on function
  access.uuid_v7(),
  access.forbid(text, text, text, text[]), access.not_found(text, text), access.bad_input(text, text), access.conflict(text),
  access.limit_exceeded(text, bigint, bigint),
  access.reaches(), access.modules_with(text), access.sensitive_action(text), access.main_team_of(uuid),
  access.require_partition_tier(text),
  access.create_team(uuid, text, uuid), access.move_team(uuid, uuid, uuid),
  access.join_team(uuid, uuid, uuid, boolean), access.leave_team(uuid, uuid, uuid),
  access.role_id(uuid, text), access.create_role(uuid, text, jsonb), access.set_role_cells(uuid, uuid, jsonb),
  access.attach_role_to_team(uuid, uuid, uuid), access.detach_role_from_team(uuid, uuid, uuid),
  access.set_exception(uuid, uuid, text, text, text, text, timestamptz),
  access.add_member(uuid, text, text, uuid, uuid), access.change_role(uuid, uuid, uuid),
  access.set_status(uuid, uuid, text), access.set_super_admin(uuid, uuid, boolean),
  access.check_import(text, jsonb, text[], text[], text[]), access.imported_rows(jsonb)
  to cloison_member;
grant select on access.import_key to cloison_member;
grant insert (account_id, source, module, key, row_id) on access.import_key to cloison_member;
