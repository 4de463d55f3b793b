"""Shares and invitations are in the history of access, and what concerns all accounts has one of its own."""

from migrations.structure import run_beside

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
