"""What is set for whole accounts, who operates, and what G1 keeps of a member's rights."""

from migrations.structure import run_beside

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
