"""Dry runs: what a change is compared with while it is tried; no row of it is ever committed."""

from migrations.structure import run_beside

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_beside(__file__)
