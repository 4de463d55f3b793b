-- Concern: what is set for whole accounts: members read what holds in theirs; who may configure settings switches them; kinds
-- and tiers are for operators, whom the functions ask for. Nobody is granted to name an operator.
grant execute on function access.restricts_new_content(), access.modules_restricted_anew(), access.tiers() to cloison_reader;
grant execute on function access.teams_of_new_content(text), access.set_restrict_new_content(uuid, boolean),
  access.set_account(text, text, jsonb), access.tiers_for_operator(text), access.withheld(), access.kept()
  to cloison_member;
