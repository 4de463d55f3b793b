-- Concern: the tables of all other modules; deals stand in a stage of a pipeline.
set local role cloison_owner;

create table crm.pipelines (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  description text collate "C" check (char_length(description) <= 10000),
  display_order integer check (display_order >= 0),
  primary key (account_id, id),
  constraint pipelines_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.pipelines is 'A way that deals go, stage by stage; the whole account has the same.';
create index pipelines_page on crm.pipelines (account_id, created_at desc, id desc);
create index pipelines_name_lower on crm.pipelines (account_id, name_lower);
create index pipelines_trigrams on crm.pipelines using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.pipelines
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter description set statistics 0,
  alter display_order set statistics 0;

create table crm.pipeline_stages (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  display_order integer check (display_order >= 0),
  probability integer check (probability between 0 and 100),
  outcome text collate "C" not null default 'open' check (outcome in ('open', 'won', 'lost')),
  pipeline_id uuid not null,
  primary key (account_id, id),
  constraint pipeline_stages_pipeline_fkey foreign key (account_id, pipeline_id)
    references crm.pipelines (account_id, id) on delete no action deferrable initially deferred,
  constraint pipeline_stages_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.pipeline_stages is 'A stage of a pipeline.';
create index pipeline_stages_page on crm.pipeline_stages (account_id, created_at desc, id desc);
create index pipeline_stages_pipeline on crm.pipeline_stages (account_id, pipeline_id, created_at desc, id desc) where pipeline_id is not null;
create index pipeline_stages_name_lower on crm.pipeline_stages (account_id, name_lower);
create index pipeline_stages_trigrams on crm.pipeline_stages using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.pipeline_stages
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter display_order set statistics 0,
  alter probability set statistics 0;

create table crm.leads (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  stage text collate "C" not null default 'new' check (stage in ('new', 'attempting', 'connected', 'qualified', 'disqualified')),
  rating text collate "C" check (rating in ('hot', 'warm', 'cold')),
  source text collate "C" check (char_length(source) <= 200),
  source_lower text collate "C" generated always as (lower(source collate "default")) stored,
  estimated_value_cents bigint check (estimated_value_cents between 0 and 9007199254740991),
  disqualification_reason text collate "C" check (char_length(disqualification_reason) <= 1000),
  next_step_at timestamptz,
  contact_id uuid,
  company_id uuid,
  primary key (account_id, id),
  constraint leads_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action deferrable initially deferred,
  constraint leads_company_fkey foreign key (account_id, company_id)
    references crm.companies (account_id, id) on delete no action deferrable initially deferred,
  constraint leads_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint leads_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action deferrable initially deferred,
  constraint leads_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.leads is 'Somebody who might become a customer.';
create index leads_page on crm.leads (account_id, created_at desc, id desc);
create index leads_owner on crm.leads (account_id, owner_id, created_at desc, id desc);
create index leads_creator on crm.leads (account_id, created_by, created_at desc, id desc);
create index leads_team on crm.leads (account_id, team_key, created_at desc, id desc);
create index leads_contact on crm.leads (account_id, contact_id, created_at desc, id desc) where contact_id is not null;
create index leads_company on crm.leads (account_id, company_id, created_at desc, id desc) where company_id is not null;
create index leads_name_lower on crm.leads (account_id, name_lower);
create index leads_source_lower on crm.leads (account_id, source_lower);
create index leads_trigrams on crm.leads using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops, source extensions.gin_trgm_ops);

alter table crm.leads
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter source set statistics 0,
  alter source_lower set statistics 0,
  alter estimated_value_cents set statistics 0,
  alter disqualification_reason set statistics 0,
  alter next_step_at set statistics 0;

create table crm.leads_sensitive (
  account_id uuid not null default access.account_id(),
  id uuid not null,
  qualification_note text collate "C" check (char_length(qualification_note) <= 50000),
  primary key (account_id, id),
  constraint leads_sensitive_fkey foreign key (account_id, id)
    references crm.leads (account_id, id) on delete no action deferrable initially deferred
);
comment on table crm.leads_sensitive is 'What of leads needs view_sensitive.';
alter table crm.leads_sensitive
  alter qualification_note set statistics 0;

create table crm.tasks (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  subject text collate "C" not null check (char_length(subject) between 1 and 300),
  subject_lower text collate "C" generated always as (lower(subject collate "default")) stored,
  body text collate "C" check (char_length(body) <= 50000),
  kind text collate "C" not null default 'to_do' check (kind in ('to_do', 'call', 'email')),
  status text collate "C" not null default 'not_started' check (status in ('not_started', 'in_progress', 'waiting', 'deferred', 'done')),
  priority text collate "C" not null default 'medium' check (priority in ('low', 'medium', 'high')),
  due_at timestamptz,
  completed_at timestamptz,
  contact_id uuid,
  company_id uuid,
  deal_id uuid,
  ticket_id uuid,
  primary key (account_id, id),
  constraint tasks_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action deferrable initially deferred,
  constraint tasks_company_fkey foreign key (account_id, company_id)
    references crm.companies (account_id, id) on delete no action deferrable initially deferred,
  constraint tasks_deal_fkey foreign key (account_id, deal_id)
    references crm.deals (account_id, id) on delete no action deferrable initially deferred,
  constraint tasks_ticket_fkey foreign key (account_id, ticket_id)
    references crm.tickets (account_id, id) on delete no action deferrable initially deferred,
  constraint tasks_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint tasks_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action deferrable initially deferred,
  constraint tasks_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.tasks is 'Something that somebody has to do.';
create index tasks_page on crm.tasks (account_id, created_at desc, id desc);
create index tasks_owner on crm.tasks (account_id, owner_id, created_at desc, id desc);
create index tasks_creator on crm.tasks (account_id, created_by, created_at desc, id desc);
create index tasks_team on crm.tasks (account_id, team_key, created_at desc, id desc);
create index tasks_contact on crm.tasks (account_id, contact_id, created_at desc, id desc) where contact_id is not null;
create index tasks_company on crm.tasks (account_id, company_id, created_at desc, id desc) where company_id is not null;
create index tasks_deal on crm.tasks (account_id, deal_id, created_at desc, id desc) where deal_id is not null;
create index tasks_ticket on crm.tasks (account_id, ticket_id, created_at desc, id desc) where ticket_id is not null;
create index tasks_subject_lower on crm.tasks (account_id, subject_lower);
create index tasks_trigrams on crm.tasks using gin (account_id extensions.uuid_ops, subject extensions.gin_trgm_ops);

alter table crm.tasks
  alter subject set statistics 0,
  alter subject_lower set statistics 0,
  alter body set statistics 0,
  alter due_at set statistics 0,
  alter completed_at set statistics 0;

create table crm.invoices (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  number text collate "C" not null check (char_length(number) between 1 and 100),
  number_lower text collate "C" generated always as (lower(number collate "default")) stored,
  status text collate "C" not null default 'draft' check (status in ('draft', 'open', 'paid', 'void')),
  purchase_order text collate "C" check (char_length(purchase_order) <= 100),
  purchase_order_lower text collate "C" generated always as (lower(purchase_order collate "default")) stored,
  amount_cents bigint check (amount_cents between 0 and 9007199254740991),
  tax_cents bigint check (tax_cents between 0 and 9007199254740991),
  issued_on date,
  due_on date,
  paid_on date,
  delivery text collate "C" not null default 'not_sent' check (delivery in ('not_sent', 'sent')),
  sent_at timestamptz,
  company_id uuid,
  contact_id uuid,
  deal_id uuid,
  primary key (account_id, id),
  constraint invoices_company_fkey foreign key (account_id, company_id)
    references crm.companies (account_id, id) on delete no action deferrable initially deferred,
  constraint invoices_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action deferrable initially deferred,
  constraint invoices_deal_fkey foreign key (account_id, deal_id)
    references crm.deals (account_id, id) on delete no action deferrable initially deferred,
  constraint invoices_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint invoices_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action deferrable initially deferred,
  constraint invoices_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.invoices is 'What a customer owes, and whether it was paid.';
create index invoices_page on crm.invoices (account_id, created_at desc, id desc);
create index invoices_owner on crm.invoices (account_id, owner_id, created_at desc, id desc);
create index invoices_creator on crm.invoices (account_id, created_by, created_at desc, id desc);
create index invoices_team on crm.invoices (account_id, team_key, created_at desc, id desc);
create index invoices_company on crm.invoices (account_id, company_id, created_at desc, id desc) where company_id is not null;
create index invoices_contact on crm.invoices (account_id, contact_id, created_at desc, id desc) where contact_id is not null;
create index invoices_deal on crm.invoices (account_id, deal_id, created_at desc, id desc) where deal_id is not null;
create index invoices_number_lower on crm.invoices (account_id, number_lower);
create index invoices_purchase_order_lower on crm.invoices (account_id, purchase_order_lower);
create index invoices_trigrams on crm.invoices using gin (account_id extensions.uuid_ops, number extensions.gin_trgm_ops, purchase_order extensions.gin_trgm_ops);

alter table crm.invoices
  alter number set statistics 0,
  alter number_lower set statistics 0,
  alter purchase_order set statistics 0,
  alter purchase_order_lower set statistics 0,
  alter amount_cents set statistics 0,
  alter tax_cents set statistics 0,
  alter issued_on set statistics 0,
  alter due_on set statistics 0,
  alter paid_on set statistics 0,
  alter sent_at set statistics 0;

create table crm.invoices_sensitive (
  account_id uuid not null default access.account_id(),
  id uuid not null,
  bank_account text collate "C" check (char_length(bank_account) <= 100),
  primary key (account_id, id),
  constraint invoices_sensitive_fkey foreign key (account_id, id)
    references crm.invoices (account_id, id) on delete no action deferrable initially deferred
);
comment on table crm.invoices_sensitive is 'What of invoices needs view_sensitive.';
alter table crm.invoices_sensitive
  alter bank_account set statistics 0;

create table crm.crm_views (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  subject text collate "C" not null default 'contacts' check (subject in ('contacts', 'companies', 'deals', 'leads', 'tickets', 'tasks', 'invoices')),
  layout text collate "C" not null default 'table' check (layout in ('table', 'board', 'calendar')),
  definition text collate "C" check (char_length(definition) <= 50000),
  primary key (account_id, id),
  constraint crm_views_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint crm_views_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.crm_views is 'A saved selection of records, with its columns and order.';
create index crm_views_page on crm.crm_views (account_id, created_at desc, id desc);
create index crm_views_owner on crm.crm_views (account_id, owner_id, created_at desc, id desc);
create index crm_views_creator on crm.crm_views (account_id, created_by, created_at desc, id desc);
create index crm_views_teams on crm.crm_views using gin (team_ids) where restricted;
create index crm_views_name_lower on crm.crm_views (account_id, name_lower);
create index crm_views_trigrams on crm.crm_views using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.crm_views
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter definition set statistics 0;

create table crm.conversations (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  subject text collate "C" not null check (char_length(subject) between 1 and 300),
  subject_lower text collate "C" generated always as (lower(subject collate "default")) stored,
  status text collate "C" not null default 'open' check (status in ('open', 'waiting', 'closed')),
  channel text collate "C" not null default 'email' check (channel in ('email', 'chat', 'form', 'phone', 'messenger')),
  last_message_at timestamptz,
  connected_account text collate "C" check (char_length(connected_account) <= 320),
  contact_id uuid,
  ticket_id uuid,
  primary key (account_id, id),
  constraint conversations_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action deferrable initially deferred,
  constraint conversations_ticket_fkey foreign key (account_id, ticket_id)
    references crm.tickets (account_id, id) on delete no action deferrable initially deferred,
  constraint conversations_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint conversations_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action deferrable initially deferred,
  constraint conversations_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.conversations is 'A thread of messages with a customer.';
create index conversations_page on crm.conversations (account_id, created_at desc, id desc);
create index conversations_owner on crm.conversations (account_id, owner_id, created_at desc, id desc);
create index conversations_creator on crm.conversations (account_id, created_by, created_at desc, id desc);
create index conversations_team on crm.conversations (account_id, team_key, created_at desc, id desc);
create index conversations_contact on crm.conversations (account_id, contact_id, created_at desc, id desc) where contact_id is not null;
create index conversations_ticket on crm.conversations (account_id, ticket_id, created_at desc, id desc) where ticket_id is not null;
create index conversations_subject_lower on crm.conversations (account_id, subject_lower);
create index conversations_trigrams on crm.conversations using gin (account_id extensions.uuid_ops, subject extensions.gin_trgm_ops);

alter table crm.conversations
  alter subject set statistics 0,
  alter subject_lower set statistics 0,
  alter last_message_at set statistics 0,
  alter connected_account set statistics 0;

create table crm.messages (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid,
  parent_created_by uuid not null,
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  body text collate "C" not null check (char_length(body) between 1 and 50000),
  direction text collate "C" not null default 'outgoing' check (direction in ('outgoing', 'incoming', 'internal')),
  sender text collate "C" check (char_length(sender) <= 320),
  sent_at timestamptz,
  conversation_id uuid not null,
  primary key (account_id, id),
  constraint messages_conversation_fkey foreign key (account_id, conversation_id)
    references crm.conversations (account_id, id) on delete no action deferrable initially deferred,
  constraint messages_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint messages_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action deferrable initially deferred,
  constraint messages_parent_created_by_fkey foreign key (account_id, parent_created_by)
    references access.member (account_id, user_id) on delete no action,
  constraint messages_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.messages is 'What was written in a conversation.';
create index messages_page on crm.messages (account_id, created_at desc, id desc);
create index messages_owner on crm.messages (account_id, owner_id, created_at desc, id desc);
create index messages_creator on crm.messages (account_id, parent_created_by, created_at desc, id desc);
create index messages_team on crm.messages (account_id, team_key, created_at desc, id desc);
create index messages_conversation on crm.messages (account_id, conversation_id, created_at desc, id desc) where conversation_id is not null;

alter table crm.messages
  alter body set statistics 0,
  alter sender set statistics 0,
  alter sent_at set statistics 0;

create table crm.interactions (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid,
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  subject text collate "C" not null check (char_length(subject) between 1 and 300),
  subject_lower text collate "C" generated always as (lower(subject collate "default")) stored,
  kind text collate "C" not null default 'note' check (kind in ('email', 'call', 'meeting', 'note')),
  body text collate "C" check (char_length(body) <= 50000),
  direction text collate "C" check (direction in ('outgoing', 'incoming')),
  outcome text collate "C" check (outcome in ('connected', 'no_answer', 'left_message', 'scheduled', 'completed', 'cancelled')),
  occurred_at timestamptz,
  duration_minutes integer check (duration_minutes >= 0),
  contact_id uuid,
  lead_id uuid,
  deal_id uuid,
  ticket_id uuid,
  check (num_nonnulls(contact_id, lead_id, deal_id, ticket_id) = 1),
  primary key (account_id, id),
  constraint interactions_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action deferrable initially deferred,
  constraint interactions_lead_fkey foreign key (account_id, lead_id)
    references crm.leads (account_id, id) on delete no action deferrable initially deferred,
  constraint interactions_deal_fkey foreign key (account_id, deal_id)
    references crm.deals (account_id, id) on delete no action deferrable initially deferred,
  constraint interactions_ticket_fkey foreign key (account_id, ticket_id)
    references crm.tickets (account_id, id) on delete no action deferrable initially deferred,
  constraint interactions_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint interactions_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action deferrable initially deferred,
  constraint interactions_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.interactions is 'An e-mail, call, meeting or note about a contact, lead, deal or ticket.';
create index interactions_page on crm.interactions (account_id, created_at desc, id desc);
create index interactions_owner on crm.interactions (account_id, owner_id, created_at desc, id desc);
create index interactions_creator on crm.interactions (account_id, created_by, created_at desc, id desc);
create index interactions_team on crm.interactions (account_id, team_key, created_at desc, id desc);
create index interactions_contact on crm.interactions (account_id, contact_id, created_at desc, id desc) where contact_id is not null;
create index interactions_lead on crm.interactions (account_id, lead_id, created_at desc, id desc) where lead_id is not null;
create index interactions_deal on crm.interactions (account_id, deal_id, created_at desc, id desc) where deal_id is not null;
create index interactions_ticket on crm.interactions (account_id, ticket_id, created_at desc, id desc) where ticket_id is not null;
create index interactions_subject_lower on crm.interactions (account_id, subject_lower);
create index interactions_trigrams on crm.interactions using gin (account_id extensions.uuid_ops, subject extensions.gin_trgm_ops);

alter table crm.interactions
  alter subject set statistics 0,
  alter subject_lower set statistics 0,
  alter body set statistics 0,
  alter occurred_at set statistics 0,
  alter duration_minutes set statistics 0;

create table crm.contact_lists (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  kind text collate "C" not null default 'static' check (kind in ('static', 'dynamic')),
  definition text collate "C" check (char_length(definition) <= 50000),
  description text collate "C" check (char_length(description) <= 10000),
  primary key (account_id, id),
  constraint contact_lists_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint contact_lists_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.contact_lists is 'A list of contacts, to which e-mails are sent.';
create index contact_lists_page on crm.contact_lists (account_id, created_at desc, id desc);
create index contact_lists_owner on crm.contact_lists (account_id, owner_id, created_at desc, id desc);
create index contact_lists_creator on crm.contact_lists (account_id, created_by, created_at desc, id desc);
create index contact_lists_teams on crm.contact_lists using gin (team_ids) where restricted;
create index contact_lists_name_lower on crm.contact_lists (account_id, name_lower);
create index contact_lists_trigrams on crm.contact_lists using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.contact_lists
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter definition set statistics 0,
  alter description set statistics 0;

create table crm.contact_list_members (
  account_id uuid not null default access.account_id(),
  contact_list_id uuid not null,
  contact_id uuid not null,
  primary key (account_id, contact_list_id, contact_id),
  constraint contact_list_members_contact_list_fkey foreign key (account_id, contact_list_id)
    references crm.contact_lists (account_id, id) on delete no action deferrable initially deferred,
  constraint contact_list_members_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action deferrable initially deferred
);
comment on table crm.contact_list_members is 'People on the list. A pair is visible where both of its ends are.';
create index contact_list_members_contact on crm.contact_list_members (account_id, contact_id, contact_list_id);

create table crm.forms (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  fields text collate "C" check (char_length(fields) <= 50000),
  submit_text text collate "C" check (char_length(submit_text) <= 200),
  redirect_url text collate "C" check (char_length(redirect_url) <= 2000),
  thank_you_text text collate "C" check (char_length(thank_you_text) <= 2000),
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  primary key (account_id, id),
  constraint forms_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint forms_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.forms is 'What visitors fill in to become contacts.';
create index forms_page on crm.forms (account_id, created_at desc, id desc);
create index forms_owner on crm.forms (account_id, owner_id, created_at desc, id desc);
create index forms_creator on crm.forms (account_id, created_by, created_at desc, id desc);
create index forms_teams on crm.forms using gin (team_ids) where restricted;
create index forms_name_lower on crm.forms (account_id, name_lower);
create index forms_trigrams on crm.forms using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.forms
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter fields set statistics 0,
  alter submit_text set statistics 0,
  alter redirect_url set statistics 0,
  alter thank_you_text set statistics 0,
  alter published_at set statistics 0;

create table crm.ctas (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  text text collate "C" check (char_length(text) <= 200),
  target_url text collate "C" check (char_length(target_url) <= 2000),
  shape text collate "C" not null default 'button' check (shape in ('button', 'banner', 'popup')),
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  landing_page_id uuid,
  primary key (account_id, id),
  constraint ctas_landing_page_fkey foreign key (account_id, landing_page_id)
    references crm.landing_pages (account_id, id) on delete no action deferrable initially deferred,
  constraint ctas_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint ctas_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.ctas is 'A call to action: a button or banner that leads visitors somewhere.';
create index ctas_page on crm.ctas (account_id, created_at desc, id desc);
create index ctas_owner on crm.ctas (account_id, owner_id, created_at desc, id desc);
create index ctas_creator on crm.ctas (account_id, created_by, created_at desc, id desc);
create index ctas_teams on crm.ctas using gin (team_ids) where restricted;
create index ctas_landing_page on crm.ctas (account_id, landing_page_id, created_at desc, id desc) where landing_page_id is not null;
create index ctas_name_lower on crm.ctas (account_id, name_lower);
create index ctas_trigrams on crm.ctas using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.ctas
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter text set statistics 0,
  alter target_url set statistics 0,
  alter published_at set statistics 0;

create table crm.sequences (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  description text collate "C" check (char_length(description) <= 10000),
  steps text collate "C" check (char_length(steps) <= 50000),
  status text collate "C" not null default 'inactive' check (status in ('inactive', 'active')),
  activated_at timestamptz,
  primary key (account_id, id),
  constraint sequences_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint sequences_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.sequences is 'E-mails and tasks that follow one another until somebody answers.';
create index sequences_page on crm.sequences (account_id, created_at desc, id desc);
create index sequences_owner on crm.sequences (account_id, owner_id, created_at desc, id desc);
create index sequences_creator on crm.sequences (account_id, created_by, created_at desc, id desc);
create index sequences_teams on crm.sequences using gin (team_ids) where restricted;
create index sequences_name_lower on crm.sequences (account_id, name_lower);
create index sequences_trigrams on crm.sequences using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.sequences
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter description set statistics 0,
  alter steps set statistics 0,
  alter activated_at set statistics 0;

create table crm.marketing_emails (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  subject text collate "C" check (char_length(subject) <= 300),
  subject_lower text collate "C" generated always as (lower(subject collate "default")) stored,
  preview_text text collate "C" check (char_length(preview_text) <= 500),
  body text collate "C" check (char_length(body) <= 200000),
  sender_name text collate "C" check (char_length(sender_name) <= 200),
  sender_email text collate "C" check (char_length(sender_email) <= 320 and sender_email = lower(sender_email collate "default")),
  reply_to text collate "C" check (char_length(reply_to) <= 320 and reply_to = lower(reply_to collate "default")),
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  delivery text collate "C" not null default 'not_sent' check (delivery in ('not_sent', 'scheduled', 'sent')),
  scheduled_for timestamptz,
  sent_at timestamptz,
  contact_list_id uuid,
  primary key (account_id, id),
  constraint marketing_emails_contact_list_fkey foreign key (account_id, contact_list_id)
    references crm.contact_lists (account_id, id) on delete no action deferrable initially deferred,
  constraint marketing_emails_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint marketing_emails_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.marketing_emails is 'An e-mail to the people on a list.';
create index marketing_emails_page on crm.marketing_emails (account_id, created_at desc, id desc);
create index marketing_emails_owner on crm.marketing_emails (account_id, owner_id, created_at desc, id desc);
create index marketing_emails_creator on crm.marketing_emails (account_id, created_by, created_at desc, id desc);
create index marketing_emails_teams on crm.marketing_emails using gin (team_ids) where restricted;
create index marketing_emails_contact_list on crm.marketing_emails (account_id, contact_list_id, created_at desc, id desc) where contact_list_id is not null;
create index marketing_emails_name_lower on crm.marketing_emails (account_id, name_lower);
create index marketing_emails_subject_lower on crm.marketing_emails (account_id, subject_lower);
create index marketing_emails_trigrams on crm.marketing_emails using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops, subject extensions.gin_trgm_ops);

alter table crm.marketing_emails
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter subject set statistics 0,
  alter subject_lower set statistics 0,
  alter preview_text set statistics 0,
  alter body set statistics 0,
  alter sender_name set statistics 0,
  alter sender_email set statistics 0,
  alter reply_to set statistics 0,
  alter published_at set statistics 0,
  alter scheduled_for set statistics 0,
  alter sent_at set statistics 0;

create table crm.ad_campaigns (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  network text collate "C" check (network in ('google', 'facebook', 'instagram', 'linkedin', 'tiktok', 'youtube')),
  objective text collate "C" not null default 'leads' check (objective in ('awareness', 'traffic', 'leads', 'sales')),
  budget_cents bigint check (budget_cents between 0 and 9007199254740991),
  spent_cents bigint check (spent_cents between 0 and 9007199254740991),
  starts_on date,
  ends_on date,
  connected_account text collate "C" check (char_length(connected_account) <= 320),
  status text collate "C" not null default 'inactive' check (status in ('inactive', 'active')),
  activated_at timestamptz,
  primary key (account_id, id),
  constraint ad_campaigns_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint ad_campaigns_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.ad_campaigns is 'Advertising on a network, paid for.';
create index ad_campaigns_page on crm.ad_campaigns (account_id, created_at desc, id desc);
create index ad_campaigns_owner on crm.ad_campaigns (account_id, owner_id, created_at desc, id desc);
create index ad_campaigns_creator on crm.ad_campaigns (account_id, created_by, created_at desc, id desc);
create index ad_campaigns_teams on crm.ad_campaigns using gin (team_ids) where restricted;
create index ad_campaigns_name_lower on crm.ad_campaigns (account_id, name_lower);
create index ad_campaigns_trigrams on crm.ad_campaigns using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.ad_campaigns
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter budget_cents set statistics 0,
  alter spent_cents set statistics 0,
  alter starts_on set statistics 0,
  alter ends_on set statistics 0,
  alter connected_account set statistics 0,
  alter activated_at set statistics 0;

create table crm.social_posts (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  network text collate "C" check (network in ('facebook', 'instagram', 'linkedin', 'tiktok', 'x', 'youtube')),
  body text collate "C" check (char_length(body) <= 10000),
  link_url text collate "C" check (char_length(link_url) <= 2000),
  image_url text collate "C" check (char_length(image_url) <= 2000),
  connected_account text collate "C" check (char_length(connected_account) <= 320),
  scheduled_for timestamptz,
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  primary key (account_id, id),
  constraint social_posts_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint social_posts_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.social_posts is 'What the account says on a social network.';
create index social_posts_page on crm.social_posts (account_id, created_at desc, id desc);
create index social_posts_owner on crm.social_posts (account_id, owner_id, created_at desc, id desc);
create index social_posts_creator on crm.social_posts (account_id, created_by, created_at desc, id desc);
create index social_posts_teams on crm.social_posts using gin (team_ids) where restricted;
create index social_posts_name_lower on crm.social_posts (account_id, name_lower);
create index social_posts_trigrams on crm.social_posts using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.social_posts
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter body set statistics 0,
  alter link_url set statistics 0,
  alter image_url set statistics 0,
  alter connected_account set statistics 0,
  alter scheduled_for set statistics 0,
  alter published_at set statistics 0;

create table crm.workflows (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  description text collate "C" check (char_length(description) <= 10000),
  subject text collate "C" not null default 'contacts' check (subject in ('contacts', 'companies', 'deals', 'leads', 'tickets', 'conversations')),
  definition text collate "C" check (char_length(definition) <= 200000),
  status text collate "C" not null default 'inactive' check (status in ('inactive', 'active')),
  activated_at timestamptz,
  primary key (account_id, id),
  constraint workflows_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint workflows_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.workflows is 'What happens by itself when something else does.';
create index workflows_page on crm.workflows (account_id, created_at desc, id desc);
create index workflows_owner on crm.workflows (account_id, owner_id, created_at desc, id desc);
create index workflows_creator on crm.workflows (account_id, created_by, created_at desc, id desc);
create index workflows_teams on crm.workflows using gin (team_ids) where restricted;
create index workflows_name_lower on crm.workflows (account_id, name_lower);
create index workflows_trigrams on crm.workflows using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.workflows
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter description set statistics 0,
  alter definition set statistics 0,
  alter activated_at set statistics 0;

create table crm.documents (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  kind text collate "C" not null default 'sales' check (kind in ('sales', 'product', 'brand', 'promotion', 'social_graphic')),
  description text collate "C" check (char_length(description) <= 10000),
  file_name text collate "C" check (char_length(file_name) <= 300),
  file_name_lower text collate "C" generated always as (lower(file_name collate "default")) stored,
  content_type text collate "C" check (char_length(content_type) <= 200 and content_type = lower(content_type collate "default")),
  size_bytes bigint check (size_bytes between 0 and 9007199254740991),
  url text collate "C" check (char_length(url) <= 2000),
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  primary key (account_id, id),
  constraint documents_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint documents_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.documents is 'A file for customers or colleagues.';
create index documents_page on crm.documents (account_id, created_at desc, id desc);
create index documents_owner on crm.documents (account_id, owner_id, created_at desc, id desc);
create index documents_creator on crm.documents (account_id, created_by, created_at desc, id desc);
create index documents_teams on crm.documents using gin (team_ids) where restricted;
create index documents_name_lower on crm.documents (account_id, name_lower);
create index documents_file_name_lower on crm.documents (account_id, file_name_lower);
create index documents_trigrams on crm.documents using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops, file_name extensions.gin_trgm_ops);

alter table crm.documents
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter description set statistics 0,
  alter file_name set statistics 0,
  alter file_name_lower set statistics 0,
  alter content_type set statistics 0,
  alter size_bytes set statistics 0,
  alter url set statistics 0,
  alter published_at set statistics 0;

create table crm.reports (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  description text collate "C" check (char_length(description) <= 10000),
  subject text collate "C" not null default 'deals' check (subject in ('contacts', 'companies', 'deals', 'leads', 'tickets', 'tasks', 'invoices', 'marketing_emails', 'landing_pages')),
  layout text collate "C" not null default 'table' check (layout in ('table', 'bar', 'line', 'pie', 'funnel', 'number')),
  definition text collate "C" check (char_length(definition) <= 50000),
  primary key (account_id, id),
  constraint reports_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint reports_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.reports is 'Figures of the account, put together for somebody.';
create index reports_page on crm.reports (account_id, created_at desc, id desc);
create index reports_owner on crm.reports (account_id, owner_id, created_at desc, id desc);
create index reports_creator on crm.reports (account_id, created_by, created_at desc, id desc);
create index reports_teams on crm.reports using gin (team_ids) where restricted;
create index reports_name_lower on crm.reports (account_id, name_lower);
create index reports_trigrams on crm.reports using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops);

alter table crm.reports
  alter name set statistics 0,
  alter name_lower set statistics 0,
  alter description set statistics 0,
  alter definition set statistics 0;

create table crm.web_pages (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  title text collate "C" not null check (char_length(title) between 1 and 300),
  title_lower text collate "C" generated always as (lower(title collate "default")) stored,
  slug text collate "C" check (char_length(slug) <= 200 and slug = lower(slug collate "default")),
  body text collate "C" check (char_length(body) <= 200000),
  meta_description text collate "C" check (char_length(meta_description) <= 500),
  language text collate "C" check (char_length(language) <= 20 and language = lower(language collate "default")),
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  primary key (account_id, id),
  constraint web_pages_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint web_pages_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.web_pages is 'A page of the account''s site.';
create index web_pages_page on crm.web_pages (account_id, created_at desc, id desc);
create index web_pages_owner on crm.web_pages (account_id, owner_id, created_at desc, id desc);
create index web_pages_creator on crm.web_pages (account_id, created_by, created_at desc, id desc);
create index web_pages_teams on crm.web_pages using gin (team_ids) where restricted;
create index web_pages_title_lower on crm.web_pages (account_id, title_lower);
create index web_pages_slug on crm.web_pages (account_id, slug);
create index web_pages_trigrams on crm.web_pages using gin (account_id extensions.uuid_ops, title extensions.gin_trgm_ops, slug extensions.gin_trgm_ops);

alter table crm.web_pages
  alter title set statistics 0,
  alter title_lower set statistics 0,
  alter slug set statistics 0,
  alter body set statistics 0,
  alter meta_description set statistics 0,
  alter language set statistics 0,
  alter published_at set statistics 0;

create table crm.blog_posts (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  assigned_at timestamptz not null default now(),
  owner_id uuid default access.user_id(),
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  title text collate "C" not null check (char_length(title) between 1 and 300),
  title_lower text collate "C" generated always as (lower(title collate "default")) stored,
  slug text collate "C" check (char_length(slug) <= 200 and slug = lower(slug collate "default")),
  author text collate "C" check (char_length(author) <= 200),
  summary text collate "C" check (char_length(summary) <= 2000),
  body text collate "C" check (char_length(body) <= 200000),
  meta_description text collate "C" check (char_length(meta_description) <= 500),
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  primary key (account_id, id),
  constraint blog_posts_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action deferrable initially deferred,
  constraint blog_posts_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.blog_posts is 'An article of the account''s blog.';
create index blog_posts_page on crm.blog_posts (account_id, created_at desc, id desc);
create index blog_posts_owner on crm.blog_posts (account_id, owner_id, created_at desc, id desc);
create index blog_posts_creator on crm.blog_posts (account_id, created_by, created_at desc, id desc);
create index blog_posts_teams on crm.blog_posts using gin (team_ids) where restricted;
create index blog_posts_title_lower on crm.blog_posts (account_id, title_lower);
create index blog_posts_slug on crm.blog_posts (account_id, slug);
create index blog_posts_trigrams on crm.blog_posts using gin (account_id extensions.uuid_ops, title extensions.gin_trgm_ops, slug extensions.gin_trgm_ops);

alter table crm.blog_posts
  alter title set statistics 0,
  alter title_lower set statistics 0,
  alter slug set statistics 0,
  alter author set statistics 0,
  alter summary set statistics 0,
  alter body set statistics 0,
  alter meta_description set statistics 0,
  alter published_at set statistics 0;

alter table crm.deals
  add column pipeline_stage_id uuid,
  add constraint deals_pipeline_stage_fkey foreign key (account_id, pipeline_stage_id)
    references crm.pipeline_stages (account_id, id) on delete no action deferrable initially deferred;
create index deals_pipeline_stage on crm.deals (account_id, pipeline_stage_id, created_at desc, id desc)
  where pipeline_stage_id is not null;

alter table access.module
  drop constraint module_kind_check,
  add constraint module_kind_check check (kind in ('record', 'asset', 'child', 'shared'));
