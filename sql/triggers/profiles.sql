-- Concern: profiles are immutable (sql/functions/065_immutable_profiles.sql).
create trigger profile_capability_immutable before insert or update or delete on access_private.profile_capability
  for each row execute function access_private.keep_profile();
create trigger profile_capability_not_truncated before truncate on access_private.profile_capability
  for each statement execute function access_private.refuse_truncate();
