"""Shares of single rows (O8): who gave what of which row to whom, and when."""

from migrations.structure import run_beside

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of shares."""
    run_beside(__file__)
