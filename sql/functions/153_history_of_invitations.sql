-- Concern: the history of access (X5): who was invited, as what, and what became of it (T10). Neither name nor address is in it,
-- since nobody removes these from there: who may administer users asks for the invitation by its id.

create or replace function access_private.state_of_invitation(invitation access.invitation) returns jsonb
  language sql stable
  return jsonb_strip_nulls(jsonb_build_object(
    'status', case when invitation.accepted_at is not null then 'accepted'
                   when invitation.revoked_at is not null then 'revoked' else 'open' end,
    'role_id', invitation.role_id, 'main_team_id', invitation.main_team_id, 'team_ids', invitation.team_ids,
    'invited_by', invitation.invited_by, 'until', invitation.expires_at
  ));
comment on function access_private.state_of_invitation(access.invitation) is 'What an invitation gives, in whose name and until when, as the history has it.';

create or replace function access_private.log_invitation() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  subject access.invitation;
  was jsonb;
  becomes jsonb;
begin
  if tg_op <> 'INSERT' then
    subject := old;
    was := access_private.state_of_invitation(subject);
  end if;
  if tg_op <> 'DELETE' then
    subject := new;
    becomes := access_private.state_of_invitation(subject);
  end if;
  -- What is forgotten when nobody could accept it any more was over.
  if tg_op = 'DELETE' and (was ->> 'status' <> 'open' or subject.expires_at <= clock_timestamp()) then
    return null;
  end if;
  -- Sent again, it has another token at least.
  if tg_op = 'UPDATE' and was = becomes and old.token_hash = new.token_hash then
    return null;
  end if;
  insert into access.access_log (account_id, kind, user_id, role_id, row_id, before, after)
  values (subject.account_id, 'invitation', subject.accepted_by, subject.role_id, subject.id, was, becomes);
  return null;
end $$;
comment on function access_private.log_invitation() is 'After an invitation was made, sent again, revoked, accepted, or erased while it was open.';
