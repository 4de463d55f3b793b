"""The gateway's pool, but that nothing remains of what is done through it."""

from resolvers.session import Database, Identity, Session, Transaction, _opening, _session


class UndoingTransaction(Transaction[Session]):
    """Goes as far as its commit, with all that is checked there, and is rolled back."""

    async def _commit(self) -> None:
        await self._connection.execute("set constraints all immediate")
        await self._connection.execute("rollback")


class UndoingDatabase(Database):
    """Whoever writes is answered as if it had been committed."""

    def session(self, identity: Identity, *, read_only: bool = False) -> Transaction[Session]:
        return UndoingTransaction(self, _opening(identity, read_only=read_only), _session)
