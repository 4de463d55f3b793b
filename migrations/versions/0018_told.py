"""What a mutation tells beside what it made."""

from migrations.structure import run_beside

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
