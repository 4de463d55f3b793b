"""Ways to violate the audits of roles, grants, people and the registry."""

from tests.database.audit_breaks import Break, _replica

ANALYST = "(select login from access.analyst_login limit 1)"


def _of_analyst(command: str) -> str:
    return f"do $$ begin execute (select format('{command}', login) from access.analyst_login limit 1); end $$"


def _of_profile(command: str) -> str:
    return (
        f"do $$ begin execute (select format('{command}', profile) from access_private.session_profile limit 1); end $$"
    )


BREAKS_OF_GRANTS = (
    Break("roles", "alter role cloison_engine bypassrls", "role cloison_engine: has BYPASSRLS"),
    Break("roles", "alter role cloison_gateway superuser", "role cloison_gateway: has SUPERUSER"),
    Break("roles", "alter role cloison_signaller createrole", "role cloison_signaller: has CREATEROLE"),
    Break("roles", "alter role cloison_owner replication createdb", "role cloison_owner: has REPLICATION"),
    Break("roles", "alter role cloison_member login", "role cloison_member: has LOGIN"),
    Break("roles", "alter role cloison_gateway inherit", "role cloison_gateway: has INHERIT"),
    Break("roles", _of_profile("alter role %I login"), "has LOGIN"),
    Break("roles", _of_analyst("alter role %I createdb"), "has CREATEDB"),
    Break("roles", "alter role cloison_signaller rename to cloison_flagman", "role cloison_signaller: is absent"),
    Break(
        "role_memberships", "grant cloison_engine to cloison_gateway", "cloison_gateway: is a member of cloison_engine"
    ),
    Break(
        "role_memberships", "grant cloison_reader to cloison_gateway", "cloison_gateway: is a member of cloison_reader"
    ),
    Break(
        "role_memberships", "grant pg_read_all_data to cloison_owner", "cloison_owner: is a member of pg_read_all_data"
    ),
    Break(
        "role_memberships",
        "grant pg_read_all_data to cloison_member",
        "cloison_member: is a member of pg_read_all_data",
    ),
    Break("role_memberships", "grant cloison_owner to pg_monitor", "pg_monitor: is a member of cloison_owner"),
    Break("role_memberships", _of_analyst("grant cloison_member to %I"), "is a member of cloison_member"),
    Break("role_memberships", _of_profile("grant cloison_engine to %I"), "is a member of cloison_engine"),
    Break("role_memberships", _of_profile("grant %I to pg_monitor"), "pg_monitor: is a member of cloison_p_"),
    Break(
        "role_settings", "alter role cloison_gateway set cloison.user_id = 'x'", "cloison_gateway: sets cloison.user_id"
    ),
    Break("role_settings", _of_profile("alter role %I set row_security = off"), "sets row_security"),
    Break(
        "role_settings",
        "do $$ begin execute format('alter database %I set cloison.account_id = ''x''', current_database()); end $$",
        "sets cloison.account_id",
    ),
    Break(
        "schema_grants",
        "grant usage on schema access_private to cloison_reader",
        "schema access_private: cloison_reader may usage",
    ),
    Break("schema_grants", "grant create on schema crm to cloison_member", "schema crm: cloison_member may create"),
    Break("schema_grants", "grant usage on schema access to public", "schema access: everybody may usage"),
    Break("database_grants", "grant create on schema public to public", "schema public: everybody may create"),
    Break(
        "database_grants",
        "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$",
        "everybody may temporary",
    ),
    Break(
        "database_grants",
        "do $$ begin execute format('grant create on database %I to cloison_member', current_database()); end $$",
        "cloison_member may create",
    ),
    Break(
        "database_grants",
        "alter default privileges for role cloison_owner grant select on tables to public",
        "default privileges of cloison_owner: everybody will have select",
    ),
    Break(
        "private_grants",
        "grant select on access_private.profile_capability to cloison_reader",
        "cloison_reader may select",
    ),
    Break(
        "private_grants", "grant select on access_private.team_closure to cloison_gateway", "cloison_gateway may select"
    ),
    Break(
        "private_grants", "grant select (profile) on access_private.session_profile to public", "everybody may select"
    ),
    Break(
        "private_grants",
        "grant update on access_private.past_assignment to cloison_engine",
        "cloison_engine may update",
    ),
    Break(
        "private_grants",
        "grant delete on access_private.login_change to cloison_signaller",
        "cloison_signaller may delete",
    ),
    Break(
        "private_grants", "grant truncate on access_private.profile to cloison_engine", "cloison_engine may truncate"
    ),
    Break(
        "fact_grants",
        "grant select on access.membership to cloison_reader",
        "access.membership: cloison_reader may select",
    ),
    Break("fact_grants", "grant select (created_at) on access.team to cloison_reader", "may select created_at"),
    Break(
        "fact_grants",
        "grant insert on access.exception to cloison_member",
        "access.exception: cloison_member may insert",
    ),
    Break(
        "fact_grants", "grant select on access.account to cloison_gateway", "access.account: cloison_gateway may select"
    ),
    Break("fact_grants", "grant insert (imported_by) on access.import_key to cloison_member", "insert imported_by"),
    Break(
        "fact_grants", "grant update on access.import_key to cloison_member", "access.import_key: cloison_member may"
    ),
    Break(
        "fact_grants", "grant insert on access.access_log to cloison_member", "access.access_log: cloison_member may"
    ),
    Break(
        "history", "grant update on access.access_log to cloison_engine", "access.access_log: cloison_engine may update"
    ),
    Break(
        "history", "grant delete on access.access_log to cloison_reader", "access.access_log: cloison_reader may delete"
    ),
    Break(
        "private_grants",
        "grant update on access_private.operator_log to cloison_engine",
        "access_private.operator_log: cloison_engine may update",
    ),
    Break(
        "private_grants",
        "grant select on access_private.operator_log to cloison_reader",
        "access_private.operator_log: cloison_reader may select",
    ),
    Break("fact_grants", "grant select on access.role to public", "access.role: everybody may select"),
    Break(
        "fact_grants", "grant trigger on access.member to cloison_engine", "access.member: cloison_engine may trigger"
    ),
    Break("analyst_grants", "grant select on crm.deals to cloison_analyst", "crm.deals: cloison_analyst may select"),
    Break("analyst_grants", "grant select (email) on access.app_user to cloison_analyst", "cloison_analyst may select"),
    Break("analyst_grants", "grant select on analyst.deals to public", "analyst.deals: everybody may select"),
    Break(
        "analyst_grants",
        "grant delete on analyst.deals to cloison_analyst",
        "analyst.deals: cloison_analyst may delete",
    ),
    Break("analyst_grants", _of_analyst("grant select on crm.deals to %I"), "crm.deals: cloison_a_"),
    Break(
        "views",
        "create or replace view analyst.viewer with (security_barrier = true) as select v.* from crm.viewer v",
        "analyst.viewer: lets conditions of analysts in",
    ),
    Break(
        "views", "alter view analyst.deals reset (security_barrier)", "analyst.deals: lets conditions of analysts in"
    ),
    Break("views", "alter view analyst.deals owner to cloison_owner", "analyst.deals: lets conditions of analysts in"),
    Break("ownership", "alter schema analyst owner to cloison_engine", "schema analyst: belongs to cloison_engine"),
    Break(
        "role_memberships", "grant cloison_window to cloison_member", "cloison_member: is a member of cloison_window"
    ),
    Break("row_grants", "grant update (owner_id) on crm.deals to cloison_member", "cloison_member may update owner_id"),
    Break(
        "row_grants", "grant insert (created_by) on crm.deals to cloison_member", "cloison_member may insert created_by"
    ),
    Break("row_grants", "grant insert on crm.tickets to cloison_member", "crm.tickets: cloison_member may insert"),
    Break("row_grants", "grant update (version) on crm.tickets to cloison_reader", "cloison_reader may update version"),
    Break(
        "row_grants",
        "grant delete on crm.deals_sensitive to cloison_member",
        "crm.deals_sensitive: cloison_member may delete",
    ),
    Break("row_grants", "grant truncate on crm.deals to cloison_engine", "crm.deals: cloison_engine may truncate"),
    Break("row_grants", "grant select on crm.deals to public", "crm.deals: everybody may select"),
    Break("row_grants", "grant select on crm.deals to cloison_gateway", "crm.deals: cloison_gateway may select"),
    Break(
        "row_grants",
        "grant select on crm.deals to cloison_reader with grant option",
        "crm.deals: cloison_reader may select",
    ),
    Break(
        "function_grants", "grant execute on function access.find_deals(text, text) to public", "everybody may call it"
    ),
    Break(
        "function_grants",
        "create function access.oops() returns int language sql return 1",
        "access.oops(): everybody may call it",
    ),
    Break(
        "function_grants",
        "grant execute on function access.uuid_v7() to cloison_reader",
        "access.uuid_v7(): cloison_reader",
    ),
    Break(
        "function_grants",
        "grant execute on function access.create_analyst(uuid, uuid) to cloison_member",
        "access.create_analyst(uuid,uuid): cloison_member",
    ),
    Break(
        "function_grants",
        "grant execute on function access_private.actor() to cloison_member",
        "access_private.actor()",
    ),
    Break(
        "function_grants",
        "grant execute on function access.viewer() to cloison_gateway",
        "access.viewer(): cloison_gateway",
    ),
    Break(
        "function_grants",
        "grant execute on function access.viewer() to cloison_signaller",
        "access.viewer(): cloison_signaller",
    ),
    Break(
        "system_functions",
        "grant execute on function pg_advisory_lock(bigint) to public",
        "pg_advisory_lock(bigint): everybody may call it",
    ),
    Break(
        "system_functions", "grant execute on function lo_create(oid) to cloison_reader", "cloison_reader may call it"
    ),
    Break(
        "system_functions",
        "do $$ begin execute (select format('grant execute on function %s to public', oid::regprocedure) from pg_proc"
        " where proname = 'pg_logical_emit_message' limit 1); end $$",
        "function pg_logical_emit_message",
    ),
    Break("statistics", "alter table crm.deals alter name set statistics 100", "crm.deals.name: statistics are kept"),
    Break(
        "statistics", "alter table crm.deals alter product_lower set statistics -1", "crm.deals.product_lower: statis"
    ),
    Break(
        "statistics", "alter table access.access_log alter reason set statistics 9", "access.access_log.reason: stat"
    ),
    Break("statistics", "create statistics crm.oops on stage, product from crm.deals", "statistics oops: are kept"),
    Break(
        "database_grants",
        "do $$ begin execute format('grant connect on database %I to public', current_database()); end $$",
        "everybody may connect",
    ),
    Break(
        "analysts",
        f"insert into access.analyst_login (account_id, user_id, login) select a.id, m.user_id, {ANALYST}"
        " from access.account a join access.member m on m.account_id = a.id where a.slug = 'south' limit 1",
        "is bound to more than one member",
    ),
    Break("analysts", _of_analyst("alter role %I nologin"), "holds, and is no login"),
    Break("analysts", _of_analyst("drop role %I"), "holds, and is no login"),
    Break(
        "analysts",
        _of_analyst("revoke cloison_analyst from %I granted by cloison_role_maker"),
        "holds, and is no login",
    ),
    Break(
        "analysts",
        "update access.analyst_login set valid = tstzrange(lower(valid), now())",
        "has ended, and is still open",
    ),
    Break("analysts", "update access.analyst_login set login = 'postgres' where login = " + ANALYST, "no login's name"),
    Break("super_admins", _replica("update access.membership set super_admin = false"), "account north"),
    Break("super_admins", _replica("update access.membership set status = 'deactivated'"), "account south"),
    Break("super_admins", _replica("update access.membership set valid = 'empty'"), "has no active super admin"),
    Break(
        "registry",
        "alter table crm.deals drop column product cascade",
        "crm.deals.product: is in the registry, and not",
    ),
    Break(
        "registry",
        "drop view analyst.deals; alter table crm.deals drop column product_lower",
        "crm.deals.product_lower: is in the registry, and not",
    ),
    Break(
        "registry",
        'alter table crm.deals add column mood text collate "C"',
        "crm.deals.mood: is in the database, and not",
    ),
    Break(
        "registry",
        "drop view analyst.deals; alter table crm.deals alter probability type bigint",
        "crm.deals.probability: is bigint, and should be integer",
    ),
    Break("registry", "alter table crm.deals alter stage drop not null", "crm.deals.stage: may be null"),
    Break(
        "registry", "alter table crm.forms alter restricted set default false", "crm.forms.restricted: has a default"
    ),
    Break(
        "registry",
        'drop view analyst.tickets; alter table crm.tickets alter description type text collate "default"',
        "crm.tickets.description: its collation",
    ),
    Break("registry", "alter table crm.deals alter stage set default 'won'", "crm.deals.stage: its default is"),
    Break(
        "registry", "alter table crm.deals drop constraint deals_stage_check", "crm.deals.stage: its choices are not"
    ),
    Break(
        "registry",
        "alter table crm.deals drop constraint deals_stage_check, add check (stage in ('prospecting', 'lost'))",
        "crm.deals.stage: its choices are not",
    ),
    Break(
        "registry", "alter table crm.deals drop constraint deals_probability_check", "crm.deals.probability: its bounds"
    ),
    Break("registry", "alter table crm.deals drop constraint deals_product_check", "crm.deals.product: its bounds"),
    Break(
        "registry",
        "drop view analyst.deals; alter table crm.deals drop column product_lower,"
        ' add column product_lower text collate "C"',
        "crm.deals.product_lower: is not the lower-case twin",
    ),
    Break(
        "registry",
        "create or replace function access_private.wall_landing_pages() returns trigger language plpgsql as"
        " $f$ begin return new; end $f$",
        "crm.landing_pages.status: the action wall does not ask for publish",
    ),
)
