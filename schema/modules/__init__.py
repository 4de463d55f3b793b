"""The modules of the product, one file each, and the registry that lists them."""

from schema.modules.ad_campaigns import AD_CAMPAIGNS
from schema.modules.blog_posts import BLOG_POSTS
from schema.modules.companies import COMPANIES
from schema.modules.contact_lists import CONTACT_LISTS
from schema.modules.contacts import CONTACTS
from schema.modules.conversations import CONVERSATIONS
from schema.modules.crm_views import CRM_VIEWS
from schema.modules.ctas import CTAS
from schema.modules.deals import DEALS
from schema.modules.documents import DOCUMENTS
from schema.modules.forms import FORMS
from schema.modules.interactions import INTERACTIONS
from schema.modules.invoices import INVOICES
from schema.modules.landing_pages import LANDING_PAGES
from schema.modules.leads import LEADS
from schema.modules.marketing_emails import MARKETING_EMAILS
from schema.modules.messages import MESSAGES
from schema.modules.pipeline_stages import PIPELINE_STAGES
from schema.modules.pipelines import PIPELINES
from schema.modules.reports import REPORTS
from schema.modules.sequences import SEQUENCES
from schema.modules.social_posts import SOCIAL_POSTS
from schema.modules.tasks import TASKS
from schema.modules.tickets import TICKETS
from schema.modules.tools import TOOLS
from schema.modules.web_pages import WEB_PAGES
from schema.modules.workflows import WORKFLOWS
from schema.registry import Registry

REGISTRY = Registry(
    modules=(
        CONTACTS,
        COMPANIES,
        DEALS,
        LEADS,
        TICKETS,
        TASKS,
        INVOICES,
        CRM_VIEWS,
        CONVERSATIONS,
        MESSAGES,
        INTERACTIONS,
        CONTACT_LISTS,
        FORMS,
        CTAS,
        SEQUENCES,
        MARKETING_EMAILS,
        AD_CAMPAIGNS,
        SOCIAL_POSTS,
        LANDING_PAGES,
        WORKFLOWS,
        DOCUMENTS,
        REPORTS,
        WEB_PAGES,
        BLOG_POSTS,
        PIPELINES,
        PIPELINE_STAGES,
    ),
    tools=TOOLS,
)
