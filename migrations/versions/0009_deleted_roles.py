"""A deleted role stays, because the past refers to it; its name is free again."""

from migrations.structure import run_beside

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
