"""The modules of the product, one file each, and the registry that lists them."""

from schema.modules.companies import COMPANIES
from schema.modules.contacts import CONTACTS
from schema.modules.deals import DEALS
from schema.modules.landing_pages import LANDING_PAGES
from schema.modules.tickets import TICKETS
from schema.modules.tools import TOOLS
from schema.registry import Registry

REGISTRY = Registry(modules=(CONTACTS, COMPANIES, DEALS, TICKETS, LANDING_PAGES), tools=TOOLS)
