-- Concern: the sensitive columns of {{ m.name }} (C9): a companion row is seen where the row is seen and view_sensitive reaches
-- it; in an account in which they are ordinary columns, where the row is seen.
{% if m.sensitive %}
{%- macro reached(action) -%}
exists (
    select from crm.{{ m.name }} t
     where t.account_id = {{ m.name }}_sensitive.account_id and t.id = {{ m.name }}_sensitive.id
       and (
         {% if action == 'view_sensitive' -%}
         access.has('{{ m.name }}', 'view_sensitive', 'unmasked') or
         {% endif -%}
         access.{{ m.reach }}_within(
           (select access.reach('{{ m.governing }}', '{{ m.needed(action) }}')), {{ m.reach_of('t') }},
           (select access.policy_user_id()), (select access.policy_team_keys())
         )
         {%- for shared, column in m.share_keys %}
         or (access.has('{{ m.governing }}', '{{ m.needed(action) }}', 'shared')
             and t.{{ column }} = any ((select access.shared_rows('{{ shared }}', '{{ m.needed(action) }}'))::uuid[]))
         {%- endfor %}
       )
  )
{%- endmacro %}
create policy account_partition on {{ m.sensitive_table }} as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on {{ m.sensitive_table }} is 'Rows of other accounts do not exist for the caller.';

create policy engine on {{ m.sensitive_table }} for all to cloison_engine using (true) with check (true);
comment on policy engine on {{ m.sensitive_table }} is 'The engine''s functions check for themselves.';

create policy view_sensitive on {{ m.sensitive_table }} for select to cloison_reader
  using ({{ reached('view_sensitive') }});
comment on policy view_sensitive on {{ m.sensitive_table }} is 'Within the reach of view_sensitive, or of view where the account does not mask.';

create policy create_sensitive on {{ m.sensitive_table }} for insert to cloison_member
  with check ({{ reached('view_sensitive') }} and {{ reached('update') }});
comment on policy create_sensitive on {{ m.sensitive_table }} is 'Of rows whose sensitive columns are seen, within the reach of update.';

create policy change_sensitive on {{ m.sensitive_table }} for update to cloison_member
  using ({{ reached('view_sensitive') }} and {{ reached('update') }})
  with check ({{ reached('view_sensitive') }} and {{ reached('update') }});
comment on policy change_sensitive on {{ m.sensitive_table }} is 'Of rows whose sensitive columns are seen, within the reach of update.';
{% endif %}
