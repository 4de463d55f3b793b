"""Who deletes a role is told of the invitations that name its successor."""

from migrations.structure import run_beside

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
