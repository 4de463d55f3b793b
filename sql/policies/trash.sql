{% macro within(action) -%}
case
      {%- for reach, columns in reach_of.items() %}
      when trash.module in ({% for m in registry.modules if m.reach == reach %}'{{ m.name }}'{{ ', ' if not loop.last }}{% endfor %}) then
        access.{{ reach }}_within(
          ((select access.reaches_in_trash('{{ action }}')) ->> trash.module)::integer, {{ columns }},
          (select access.policy_user_id()), (select access.policy_team_keys())
        )
      {%- endfor %}
      else false
    end
{%- endmacro -%}
{% set reach_of = {
  'record': 'trash.owner_id, trash.creator, access.team_key(trash.team_id, trash.open_to_all)',
  'asset': 'trash.owner_id, trash.creator, trash.restricted, trash.team_ids',
  'shared': 'trash.creator'
} -%}
-- Concern: who sees deleted rows: whoever may delete such a row, as it was. What belonged to it is with it, and not a row of
-- its own here; shares have ended with it. No analyst deletes, and so the trash is for members alone.
create policy account_partition on access.trash as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.trash is 'The trash of other accounts does not exist for the caller.';

create policy deletable on access.trash for select to cloison_member
  using (
    part_of is null
    and {{ within('delete') }}
  );
comment on policy deletable on access.trash is 'Rows that the caller could delete, were they as they were.';

create policy account_partition on access.trash_sensitive as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.trash_sensitive is 'The trash of other accounts does not exist for the caller.';

create policy view_sensitive on access.trash_sensitive for select to cloison_member
  using (
    exists (
      select from access.trash
       where trash.account_id = trash_sensitive.account_id and trash.id = trash_sensitive.id
         and {{ within('view_sensitive') }}
    )
  );
comment on policy view_sensitive on access.trash_sensitive is
  'Of rows in the trash that the caller sees, within the reach of view_sensitive (C9).';
