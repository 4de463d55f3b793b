"""Of which modules an account does not keep the sensitive columns apart."""

from migrations.structure import run_beside

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
