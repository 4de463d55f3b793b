"""Invitations, the outbox of e-mails, and whether people may subscribe accounts themselves."""

from migrations.structure import run_beside

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
