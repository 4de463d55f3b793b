"""How a revision runs its SQL file: whole, as the driver does it, since SQLAlchemy takes one statement at a time."""

from pathlib import Path

from alembic import op


def run_beside(module: str) -> None:
    """Run the SQL file beside a revision's Python file, in the migration's transaction, then be oneself again."""
    sql = Path(module).with_suffix(".sql").read_text()
    adapted = op.get_bind().connection.dbapi_connection
    adapted.run_async(lambda driver: driver.execute(f"{sql}\nreset role;"))  # type: ignore[union-attr]
