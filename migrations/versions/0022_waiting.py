"""What deactivated members would hold and reach."""

from migrations.structure import run_beside

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
