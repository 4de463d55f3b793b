-- Concern: how access is set up: what of it may be read, where policies let it, and the functions that change it, each bound
-- inside by what the member holds.
grant select on crm.roles, crm.role_cells, crm.team_roles, crm.members, crm.member_teams, crm.exceptions,
  crm.sensitive_modules, crm.invitations to cloison_reader;
grant select (account_id, id, name, builtin, deleted_at) on access.role to cloison_reader;
grant select (account_id, role_id, module, action, scope, valid) on access.role_cell to cloison_reader;
grant select (account_id, team_id, role_id, valid) on access.team_role to cloison_reader;
grant select (account_id, user_id, status, role_id, super_admin, valid) on access.membership to cloison_reader;
grant select (account_id, user_id, team_id, is_main, valid) on access.team_member to cloison_reader;
grant select (account_id, user_id, module, action, scope, effect, valid) on access.exception to cloison_reader;
grant select (account_id, module, sensitive, valid) on access.sensitivity to cloison_reader;
grant select (role, module, action, scope) on access.builtin_role_cell to cloison_reader;
grant select (module, action) on access.capability to cloison_reader;
-- Not the hash of the token.
grant select (
  account_id, id, email, name, role_id, main_team_id, team_ids, invited_by, invited_at, expires_at, revoked_at, accepted_at,
  accepted_by
) on access.invitation to cloison_reader;
grant execute on function
  access.because(text),
  access.clone_role(uuid, uuid, text), access.rename_role(uuid, uuid, text),
  access.set_role_cell(uuid, uuid, text, text, text[]), access.switch_role_cells(uuid, uuid, jsonb),
  access.delete_role(uuid, uuid, uuid),
  access.rename_team(uuid, uuid, text), access.set_main_team(uuid, uuid, uuid),
  access.delete_team(uuid, uuid, uuid), access.merge_teams(uuid, uuid[], uuid),
  access.move_teams(uuid, jsonb), access.undo_reorganisation(uuid, uuid),
  access.remove_member(uuid, uuid, uuid),
  access.set_sensitive(uuid, text, boolean),
  access.invite_member(uuid, text, text, uuid, uuid, uuid[], timestamptz, uuid),
  access.resend_invitation(uuid, uuid, timestamptz), access.revoke_invitation(uuid, uuid),
  access.fulfil_invitation(uuid, uuid)
  to cloison_member;
