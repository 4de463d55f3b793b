"""`cloison stop`: the embedded server, where a command left it running."""

from cli.output import say
from gateway import settings as configured
from gateway.database import embedded_server
from gateway.problems import Problem


def stop() -> None:
    """Stop the embedded database, if `database-url` or `analyst create` left it running."""
    settings = configured.load()
    if not settings.embedded:
        raise Problem("CLOISON_DATABASE_URL names a server of your own, which Cloison does not stop.")
    if not embedded_server(settings).stop():
        raise Problem("Another cloison command uses the embedded database: stop that one, and the database follows.")
    say("The embedded database is stopped.")
