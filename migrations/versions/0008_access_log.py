"""The history of access begins."""

from migrations.structure import run_beside

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
