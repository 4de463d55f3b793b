{% macro within(m, action) -%}
access.{{ m.reach }}_within(
        (select access.reach('{{ m.governing }}', '{{ action }}')), {{ reach_of[m.reach] }},
        (select access.policy_user_id()), (select access.policy_team_keys())
      )
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
    and case module
      {%- for m in registry.modules %}
      when '{{ m.name }}' then {{ within(m, m.needed('delete')) }}
      {%- endfor %}
      else false
    end
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
         and case trash.module
           {%- for m in registry.modules if m.sensitive %}
           when '{{ m.name }}' then {{ within(m, m.needed('view_sensitive')) }}
           {%- endfor %}
           else false
         end
    )
  );
comment on policy view_sensitive on access.trash_sensitive is
  'Of rows in the trash that the caller sees, within the reach of view_sensitive (C9).';
