-- Concern: why access is changed. Whoever sets the setting by other means gives a reason too: it says nothing of who, when or
-- what, which the history takes from elsewhere.

create or replace function access.because(reason text) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  if char_length(reason) > 1000 then
    perform access.bad_input('reason', 'a reason has up to 1000 characters');
  end if;
  perform set_config('cloison.reason', coalesce(trim(reason), ''), true);
end $$;
comment on function access.because(text) is
  'Says why the changes of access in this transaction are made; empty or null: for no reason that is given.';
