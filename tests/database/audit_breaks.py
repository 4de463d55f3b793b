"""One way at least to violate each audit of sql/audit, and the words in which it must say so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Break:
    """What somebody does by hand, and what the audit named answers."""

    audit: str
    done: str
    says: str

    def __str__(self) -> str:
        return f"{self.audit}: {self.says}"


def _replica(statement: str) -> str:
    """As whoever restores or repairs does it, past the triggers."""
    return f"set local session_replication_role = replica; {statement}; set local session_replication_role = origin"


FUNCTION = "create or replace function {name} returns {returns} language plpgsql as $f$ begin {body}; end $f$"
TABLE = "create table {name} ({columns}); alter table {name} owner to cloison_owner"

BREAKS = (
    Break(
        "row_security",
        "alter table crm.deals no force row level security",
        "crm.deals: row-level security is not forced",
    ),
    Break(
        "row_security",
        "alter table access.team disable row level security",
        "access.team: row-level security is not enabled",
    ),
    Break(
        "row_security",
        "create materialized view crm.copy as table crm.deals",
        "crm.copy: is a relation that no policy covers",
    ),
    Break("account_partition", "drop policy account_partition on crm.deals", "crm.deals: has no restrictive policy"),
    Break(
        "account_partition",
        "alter policy account_partition on access.team using (true)",
        "access.team: has no restrictive policy",
    ),
    Break(
        "account_partition",
        "alter policy account_partition on crm.tickets_sensitive with check (true)",
        "crm.tickets_sensitive: has no",
    ),
    Break(
        "account_partition",
        "alter policy account_partition on crm.contacts to cloison_member",
        "crm.contacts: has no restrictive",
    ),
    Break(
        "account_partition",
        "create table access.note (account_id uuid); grant select (account_id) on access.note to cloison_member",
        "access.note: has no restrictive policy",
    ),
    Break(
        "pages_by_age",
        "create policy narrow on crm.deals as restrictive for select to cloison_reader using (amount_cents <> 1)",
        "policy narrow on crm.deals: access.page_of_deals does not know of it",
    ),
    Break(
        "policies_name_a_role",
        "create policy oops on crm.deals using (true)",
        "policy oops on crm.deals: is for everybody",
    ),
    Break(
        "policies_name_a_role",
        "create policy oops on crm.deals to pg_read_all_data using (true)",
        "is for pg_read_all_data",
    ),
    Break(
        "policies_name_a_role",
        "create policy oops on access.app_user for select to cloison_gateway using (true)",
        "lets the gateway's login read",
    ),
    Break(
        "tenant_tables",
        TABLE.format(name="crm.note", columns="id uuid primary key"),
        "crm.note: has no column account_id",
    ),
    Break(
        "tenant_tables",
        "alter table access.account_tier alter account_id drop not null",
        "account_tier: account_id must be",
    ),
    Break(
        "tenant_tables",
        "create unique index oops on access.role (name, id)",
        "the key access.oops does not contain account_id",
    ),
    Break(
        "tenant_tables",
        "create unique index oops on crm.contacts (account_id, email)",
        "unique index crm.oops tells of rows",
    ),
    Break(
        "tenant_tables", TABLE.format(name="access.note", columns="account_id uuid not null"), "access.note: has no key"
    ),
    Break(
        "references",
        "alter table crm.deals add constraint oops foreign key (account_id, company_id)"
        " references crm.companies (account_id, id) on delete cascade",
        "foreign key oops of crm.deals: ON DELETE and ON UPDATE must be NO ACTION",
    ),
    Break(
        "references",
        "alter table crm.deals add constraint oops foreign key (account_id, company_id)"
        " references crm.companies (account_id, id) not valid",
        "foreign key oops of crm.deals: is not validated",
    ),
    Break(
        "references",
        TABLE.format(name="access.note", columns="a uuid, b uuid, foreign key (a, b) references access.team"),
        "leads from a global table",
    ),
    Break(
        "references",
        "alter table crm.deals add column other uuid, add constraint oops foreign key (other, company_id)"
        " references crm.companies (account_id, id)",
        "foreign key oops of crm.deals: does not pair account_id",
    ),
    Break("global_tables", TABLE.format(name="access.note", columns="id uuid"), "access.note: has no account_id"),
    Break(
        "global_tables",
        "grant insert on access.capability to cloison_member",
        "access.capability: cloison_member may insert",
    ),
    Break(
        "global_tables", "grant update (email) on access.app_user to public", "access.app_user: everybody may update"
    ),
    Break("views", "alter view crm.people set (security_invoker = false)", "view crm.people: is not security_invoker"),
    Break("views", "alter view crm.teams reset (security_invoker)", "view crm.teams: is not security_invoker"),
    Break("views", "create rule oops as on delete to crm.deals do instead nothing", "rule oops on crm.deals"),
    Break("ownership", "alter table crm.deals owner to cloison_engine", "crm.deals: belongs to cloison_engine"),
    Break(
        "ownership", "create view crm.mine with (security_invoker) as select 1 as one", "crm.mine: belongs to postgres"
    ),
    Break("ownership", "alter schema crm owner to cloison_member", "schema crm: belongs to cloison_member"),
    Break(
        "definer_functions", "alter function access.viewer() owner to postgres", "access.viewer(): belongs to postgres"
    ),
    Break(
        "definer_functions",
        "alter function access.viewer() reset search_path",
        "access.viewer(): is a definer's and does not pin",
    ),
    Break(
        "definer_functions",
        "alter function access.viewer() set search_path = crm",
        "access.viewer(): is a definer's and does not pin",
    ),
    Break(
        "definer_functions",
        "alter function access.viewer() set search_path = ''",
        "access.viewer(): is a definer's and does not pin",
    ),
    Break(
        "definer_functions",
        "create function public.oops() returns int language sql security definer return 1;"
        " alter function public.oops() owner to cloison_engine",
        "public.oops(): is a definer's of ours, outside",
    ),
    Break(
        "definer_functions",
        "alter function access.scope_bit(text) leakproof",
        "access.scope_bit(text): claims to be leakproof",
    ),
    Break(
        "definer_functions",
        "create function access.oops() returns int language internal as 'pg_backend_pid'",
        "access.oops(): is written in internal",
    ),
    Break(
        "policy_functions", "create view crm.oops as select access.has('deals', 'view', 'all') as yes", "view crm.oops"
    ),
    Break(
        "policy_functions",
        "create view crm.oops as select access.policy_user_id() as me",
        "view crm.oops: calls access.policy_user_id()",
    ),
    Break(
        "policy_functions",
        FUNCTION.format(name="public.oops()", returns="boolean", body="return access.planned_for_gateway()"),
        "function public.oops(): calls planned_for_gateway",
    ),
    Break(
        "policy_functions",
        "alter policy delete_row on crm.deals using (access.has_change('deals', 'all') = false)",
        "policy delete_row on crm.deals: compares what is held",
    ),
    Break(
        "policy_functions",
        "alter table crm.deals alter probability set default access.has('a', 'b', 'c')::int",
        "default value",
    ),
    Break(
        "policy_functions",
        "alter table crm.deals add constraint oops check (access.planned_profile() is not null) not valid",
        "constraint oops on table crm.deals",
    ),
    Break(
        "policy_functions",
        "create function access.oops() returns boolean language sql return access.has('a', 'b', 'c')",
        "function access.oops()",
    ),
    Break(
        "policy_functions",
        FUNCTION.format(name="public.oops()", returns="boolean", body="return access . has ('a', 'b', 'c')"),
        "function public.oops(): calls has",
    ),
    Break(
        "policy_functions",
        "alter policy view_all on crm.deals using (not (owner_id is null and access.has('deals', 'view', 'all')))",
        "policy view_all on crm.deals: asks for what is not held",
    ),
    Break(
        "policy_functions",
        "alter policy view_all on crm.deals using (access.has('deals', 'view', 'all') is false)",
        "policy view_all on crm.deals: compares what is held",
    ),
    Break(
        "trigger_functions",
        FUNCTION.format(name="access_private.refuse_truncate()", returns="trigger", body="raise '%', tg_table_name"),
        "access_private.refuse_truncate(): uses tg_table_name in a trigger",
    ),
    Break(
        "trigger_functions",
        FUNCTION.format(name="access_private.refuse_truncate()", returns="trigger", body="perform pg_notify('a', 'b')"),
        "access_private.refuse_truncate(): uses pg_notify",
    ),
    Break(
        "triggers_enabled",
        "alter table crm.deals disable trigger a_stamp_updated",
        "trigger a_stamp_updated on crm.deals: is disabled",
    ),
    Break("triggers_enabled", "alter table crm.deals disable trigger all", 'trigger "RI_ConstraintTrigger'),
    Break(
        "triggers_enabled",
        "alter table access.membership enable replica trigger membership_inserted",
        "fires for replication only",
    ),
    Break(
        "action_wall", "drop trigger z_action_wall on crm.deals", "crm.deals: its action wall z_action_wall is absent"
    ),
    Break(
        "action_wall",
        "alter table crm.contacts disable trigger z_action_wall_inserted",
        "crm.contacts: its action wall",
    ),
    Break("action_wall", "drop trigger z_action_wall on crm.deal_contacts", "crm.deal_contacts: its action wall"),
    Break(
        "action_wall",
        "drop trigger z_action_wall on crm.deals; create trigger z_action_wall before update or delete on crm.deals"
        " for each row when (old.stage = 'won') execute function access_private.wall_deals()",
        "crm.deals: its action wall z_action_wall is absent",
    ),
    Break(
        "action_wall",
        "drop trigger z_action_wall on crm.deals; create trigger z_action_wall before update of name or delete"
        " on crm.deals for each row execute function access_private.wall_deals()",
        "crm.deals: its action wall z_action_wall is absent",
    ),
    Break(
        "action_wall",
        "alter function access_private.wall_deals() security definer",
        "wall_deals(): is the action wall and",
    ),
    Break(
        "action_wall",
        "create trigger zz_late before update on crm.deals for each row execute function access_private.stamp_deals()",
        "trigger zz_late on crm.deals: changes rows that have passed",
    ),
    Break(
        "action_wall",
        FUNCTION.format(
            name="access_private.stamp_deals()", returns="trigger", body="new.version := 1; raise '%', new.team_key"
        ),
        "stamp_deals(): reads the generated column team_key of a new row",
    ),
    Break(
        "session_profile",
        _replica(
            "insert into access.exception (account_id, user_id, module, action, scope, effect)"
            " select account_id, user_id, 'deals', 'export', 'created', 'grant'"
            " from access.membership where not super_admin limit 1"
        ),
        "should act as cloison_p_",
    ),
    Break(
        "session_profile",
        "update access_private.session_profile s set profile = (select o.profile from access_private.session_profile o"
        " where o.profile <> s.profile limit 1)",
        "and should not",
    ),
    Break("session_profile", "update access_private.session_profile set team_keys = team_keys[2:]", "and should not"),
    Break("session_profile", "delete from access_private.session_profile", "and may not"),
    Break(
        "session_profile",
        "update access_private.session_profile set valid = tstzrange(null, now() + interval '1 day')",
        "and should not",
    ),
    Break(
        "waiting_profile",
        _replica(
            "update access.membership set status = 'deactivated' where not super_admin and user_id = ("
            "select min(user_id::text)::uuid from access.membership where not super_admin)"
        ),
        "what waits for a deactivated member",
    ),
    Break(
        "waiting_profile",
        "insert into access_private.waiting_profile select account_id, user_id, valid, '{}', team_keys"
        " from access_private.session_profile limit 1",
        "what waits for a deactivated member",
    ),
    Break("periods", "alter table access.membership alter valid drop not null", "access.membership: has no period"),
    Break(
        "periods", "alter table access.exception drop constraint exception_period", "exception: its periods may overlap"
    ),
    Break(
        "periods",
        "create trigger told after insert on access.role referencing new table as changed"
        " for each statement execute function access_private.facts_changed('roles')",
        "access.role: decides who may do what",
    ),
    Break("team_closure", "delete from access_private.team_closure where depth = 1", "and does not"),
    Break("team_closure", _replica("delete from access.team_edge"), "and should not"),
    Break(
        "team_closure",
        _replica(
            "insert into access.team_edge (account_id, team_id, parent_id) select e.account_id, e.parent_id, e.team_id"
            " from access.team_edge e"
            " where not exists (select from access.team_edge o where o.team_id = e.parent_id) limit 1"
        ),
        "stands below itself",
    ),
    Break(
        "profiles",
        _replica(
            "insert into access_private.profile_capability select profile, 'billing', 'configure', 'team'"
            " from access_private.session_profile limit 1"
        ),
        "its name is not the hash of its rows",
    ),
    Break("profiles", "update access_private.profile set sealed = false", "is not sealed"),
    Break("profiles", "update access_private.installation set registry_version = 'other'", "its name is not the hash"),
    Break(
        "profile_roles",
        "do $$ begin execute (select format('revoke %I from cloison_gateway granted by cloison_role_maker', profile)"
        " from access_private.session_profile limit 1); end $$",
        "has no role that the gateway may become",
    ),
    Break(
        "profile_roles",
        "do $$ begin execute (select format('create role %I', reader_profile)"
        " from access_private.session_profile limit 1); end $$",
        "is an analyst's, and a role",
    ),
    Break(
        "profile_roles",
        "update access_private.session_profile set reader_profile = profile",
        "is a profile of the wrong kind",
    ),
    Break(
        "history",
        "drop trigger membership_logged on access.membership",
        "access.membership: its trigger membership_logged is absent",
    ),
    Break(
        "history",
        "alter table access.access_log enable trigger access_log_kept",
        "access.access_log: its trigger access_log_kept",
    ),
    Break(
        "history",
        "alter table access.access_log enable trigger access_log_reason",
        "access.access_log: its trigger access_log_reason",
    ),
    Break(
        "history",
        "grant update (before) on access.access_log to cloison_engine",
        "access.access_log: cloison_engine may update",
    ),
    Break("trash", "alter table crm.deals disable trigger trash_deleted", "crm.deals: its trigger trash_deleted"),
    Break(
        "trash",
        "create trigger before_trash after delete on crm.deals referencing old table as deleted"
        " for each statement execute function access_private.unlink_deals()",
        "trigger before_trash on crm.deals: comes before",
    ),
    Break(
        "history",
        "alter table access.access_log disable trigger access_log_signed",
        "access.access_log: its trigger access_log_signed",
    ),
    Break("history", "drop trigger share_logged on access.share", "access.share: its trigger share_logged is absent"),
    Break(
        "history",
        "alter table access.invitation disable trigger invitation_logged",
        "access.invitation: its trigger invitation_logged",
    ),
    Break(
        "history",
        "drop trigger operator_logged on access_private.operator",
        "access_private.operator: its trigger operator_logged is absent",
    ),
    Break(
        "history",
        "alter table access_private.operator_log enable trigger operator_log_kept",
        "access_private.operator_log: its trigger operator_log_kept",
    ),
    Break("history", "alter table crm.deals disable trigger log_assigned", "crm.deals: its trigger log_assigned"),
    Break(
        "history",
        "drop trigger log_assigned on crm.deals; create trigger log_assigned after update on crm.deals for each row"
        " when (old.owner_id is distinct from new.owner_id) execute function access_private.log_assigned_deals()",
        "crm.deals: its trigger log_assigned",
    ),
    Break(
        "history",
        "drop trigger role_cell_logged on access.role_cell; create constraint trigger role_cell_logged"
        " after insert on access.role_cell for each row execute function access_private.log_role_cell()",
        "access.role_cell: its trigger role_cell_logged",
    ),
    Break(
        "history",
        "create policy oops on access.access_log for insert to cloison_member with check (true)",
        "policy oops on access.access_log: lets somebody write",
    ),
    Break(
        "history",
        "alter policy view_kinds on access.access_log to cloison_gateway",
        "policy view_kinds on access.access_log",
    ),
)
