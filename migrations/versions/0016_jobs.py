"""Jobs: what takes longer than a request, and how far it has come."""

from migrations.structure import run_beside

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
