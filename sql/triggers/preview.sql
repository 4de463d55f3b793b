-- Concern: a dry run leaves nothing, whoever forgets to undo it (X2).
create constraint trigger preview_undone after insert or update or delete on access_private.preview
  deferrable initially deferred for each row execute function access_private.refuse_commit();
