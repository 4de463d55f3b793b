-- Concern: addresses and names that are kept are one line, and no more than an address (sql/functions/042_addresses.sql).
{% for table in ['app_user', 'invitation'] -%}
create trigger {{ table }}_address before insert or update of email on access.{{ table }}
  for each row execute function access_private.keep_address();
{% endfor -%}
{% for table in ['account', 'member', 'invitation', 'team', 'role'] -%}
create trigger {{ table }}_name before insert or update of name on access.{{ table }}
  for each row execute function access_private.keep_name();
{% endfor %}
