-- Concern: what the gateway's login asks for who has signed in and is no member; members cannot.
grant execute on function
  access.accounts_of(uuid), access.open_token(text, uuid, text), access.accept_invitation(text, uuid, text),
  access.subscribe_account(text, text, uuid, text, text), access.forget_invitations()
  to cloison_gateway;
