"""The gateway's pools, but that nothing remains of what is done through them."""

from psycopg.pq.abc import PGresult

from resolvers.session import Database, Exchange, Identity, Session, Transaction
from resolvers.session.pipeline import End, Step
from resolvers.session.transactions import member_session, opening

CHECK = Step("set constraints all immediate")


class UndoingTransaction(Transaction[Session]):
    """Goes as far as its commit, with all that is checked there, and is rolled back."""

    async def _commit(self) -> None:
        await self._connection.execute(CHECK.text)
        await self._connection.execute("rollback")


class UndoingExchange(Exchange):
    """The same, in pipeline mode."""

    async def _send(self, steps: tuple[Step, ...], end: End) -> list[PGresult]:
        if end is not End.COMMIT:
            return await super()._send(steps, end)
        return (await super()._send((*steps, CHECK), End.ROLLBACK))[:-1]


class UndoingDatabase(Database):
    """Whoever writes is answered as if it had been committed."""

    def exchange(self, identity: Identity, *, read_only: bool = False) -> Exchange:
        return UndoingExchange(
            self.pipelines, self.profiles, identity, self.turns.of(identity.user), read_only=read_only, attempts=3
        )

    def session(self, identity: Identity, *, read_only: bool = False) -> Transaction[Session]:
        return UndoingTransaction(self.connections, opening(identity, read_only=read_only), member_session)
