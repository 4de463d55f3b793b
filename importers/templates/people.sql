-- Concern: what names in lines stand for: owners, with their main teams, teams, and the rows of other modules. Filled by the
-- member, read beside the staged rows.

create temporary table import_people (
  email text collate "C" primary key,
  id uuid not null,
  main_team uuid
) on commit drop;

create temporary table import_teams (
  key text collate "C" primary key,
  id uuid not null
) on commit drop;

grant select, insert on pg_temp.import_people, pg_temp.import_teams to cloison_member;
{% for target in targets %}
create temporary table import_keys_of_{{ target }} (
  key text collate "C" primary key,
  id uuid not null
) on commit drop;

grant select, insert on pg_temp.import_keys_of_{{ target }} to cloison_member;
{% endfor %}