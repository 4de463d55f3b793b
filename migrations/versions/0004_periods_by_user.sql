-- Who enters is looked up by user, in each transaction, and the planner reads the period's index for it: it estimates no
-- descent of such an index, and takes it for cheaper than any other. By account first, much of it was read each time.
set local role cloison_owner;

alter table access_private.session_profile
  drop constraint session_profile_period,
  add constraint session_profile_period exclude using gist (
    user_id extensions.gist_uuid_ops with =, account_id extensions.gist_uuid_ops with =, valid with &&
  );
