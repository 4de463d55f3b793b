{% set me = '(select access.policy_user_id())' -%}
{% set keys = '(select access.policy_team_keys())::uuid[]' -%}
{%- macro within(holds, rows) -%}
{{ holds }}, 'all')
    {%- if m.reach == 'record' %}
    or ({{ holds }}, 'team') and (team_key = any ({{ keys }}) or owner_id = {{ me }}))
    {%- elif m.reach == 'asset' %}
    or (
      {{ holds }}, 'team')
      and (not restricted or team_ids && {{ keys }} or owner_id = {{ me }} or {{ m.creator }} = {{ me }})
    )
    {%- endif %}
    {%- if m.own_columns %}
    or ({{ holds }}, 'owned') and owner_id = {{ me }})
    or ({{ holds }}, 'created') and {{ m.creator }} = {{ me }})
    or ({{ holds }}, 'unassigned') and owner_id is null{% if m.reach == 'asset' %} and not restricted{% endif %})
    {%- endif %}
    {%- if m.share_keys %}
    or ({{ holds }}, 'shared') and (
      {%- for shared, column in m.share_keys %}
      {{ 'or ' if not loop.first }}{{ column }} = any ((select access.{{ rows }}'{{ shared }}'
      {%- if rows == 'shared_rows(' %}, '{{ m.needed('delete') }}'{% endif %}))::uuid[])
      {%- endfor %}
    ))
    {%- endif %}
{%- endmacro -%}
-- Concern: which rows of {{ m.name }} a member may write at all; the action wall says by which action. What is held is a constant
-- to the planner here too, so that a write asks of its row what the profile's own scopes ask, and no table. USING and WITH
-- CHECK are alike: an update never moves a row to where the member may not put it. Every command has its own, since a DELETE
-- without WHERE is not limited by select policies.
create policy create_row on crm.{{ m.name }} for insert to cloison_member
  with check (created_by = {{ me }} and access.has_on_any('{{ m.governing }}', '{{ m.needed('create') }}'));
comment on policy create_row on crm.{{ m.name }} is 'Who holds create makes rows, as their creator.';

create policy change_row on crm.{{ m.name }} for update to cloison_member
  using (
    {{ within("access.has_change('" ~ m.governing ~ "'", "shared_rows_to_change('" ~ m.governing ~ "', ") }}
  )
  with check (
    {{ within("access.has_change('" ~ m.governing ~ "'", "shared_rows_to_change('" ~ m.governing ~ "', ") }}
  );
comment on policy change_row on crm.{{ m.name }} is 'Rows within the reach of any action that is an UPDATE.';

create policy delete_row on crm.{{ m.name }} for delete to cloison_member
  using (
    {{ within("access.has('" ~ m.governing ~ "', '" ~ m.needed('delete') ~ "'", 'shared_rows(') }}
  );
comment on policy delete_row on crm.{{ m.name }} is 'Rows within the reach of delete.';
