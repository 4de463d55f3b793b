"""A connection that takes the statements of a whole transaction at once, and answers them at once.

libpq's pipeline mode sends statements without waiting for answers; the sync at their end commits them, or undoes them
all when one failed. No BEGIN is ever among them: what begins by itself ends with the sync, and an identity with it. A
connection on which anything is open after a sync is closed, and so is one that was interrupted.

psycopg opens, cancels and closes; between that, its low-level libpq object is driven directly, since its cursors cost
more than all the rest of a request.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum, auto
from itertools import count
from typing import Any, NamedTuple

import asyncpg
import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from resolvers.session.values import encoded

# As plain numbers: to compare with a member of an enumeration takes ten times as long, several times in each answer.
_FATAL_ERROR = int(pq.ExecStatus.FATAL_ERROR)
_PIPELINE_SYNC = int(pq.ExecStatus.PIPELINE_SYNC)
_ALIVE = int(pq.ConnStatus.OK)
_IDLE = int(pq.TransactionStatus.IDLE)
_GOOD = frozenset({int(pq.ExecStatus.COMMAND_OK), int(pq.ExecStatus.TUPLES_OK)})
_KNOWN = _GOOD | {_FATAL_ERROR, int(pq.ExecStatus.PIPELINE_ABORTED)}
# A prepared statement that is no longer what it was: of another shape, or gone.
_STALE = frozenset({"0A000", "26000"})
_FIELDS = {
    "S": pq.DiagnosticField.SEVERITY_NONLOCALIZED,
    "C": pq.DiagnosticField.SQLSTATE,
    "M": pq.DiagnosticField.MESSAGE_PRIMARY,
    "D": pq.DiagnosticField.MESSAGE_DETAIL,
    "H": pq.DiagnosticField.MESSAGE_HINT,
    "W": pq.DiagnosticField.CONTEXT,
    "s": pq.DiagnosticField.SCHEMA_NAME,
    "t": pq.DiagnosticField.TABLE_NAME,
    "c": pq.DiagnosticField.COLUMN_NAME,
    "n": pq.DiagnosticField.CONSTRAINT_NAME,
}


class LostError(Exception):
    """The connection went away before it had answered; its last words, if it had any, are the cause."""


class Step(NamedTuple):
    """A statement with its parameters; `keep` prepares it for the next time."""

    text: str
    values: Sequence[Any] = ()
    keep: bool = True


class End(Enum):
    """What follows the statements of a batch."""

    OPEN = auto()
    COMMIT = auto()
    ROLLBACK = auto()


class Outcome(NamedTuple):
    """What a batch came to: the answers of its steps, or the error and the step in which it was.

    `failed` is the number of steps where the error came with the commit.
    """

    answers: list[PGresult]
    error: asyncpg.PostgresError | None
    failed: int


class _Batch:
    """A batch that is on its way: what is still to be answered, and what was."""

    __slots__ = ("answers", "awaited", "end", "error", "failed", "future", "seen", "steps")

    def __init__(self, future: "asyncio.Future[Outcome]", steps: int, end: End) -> None:
        self.future = future
        self.end = end
        # For each result: the text that it prepares, or the number of its step.
        self.awaited: list[str | int | None] = []
        self.seen = 0
        self.answers: list[PGresult] = []
        self.steps = steps
        self.error: asyncpg.PostgresError | None = None
        self.failed = steps


class Pipeline(psycopg.AsyncConnection[Any]):
    """A connection in pipeline mode; one batch at a time. Opened by `Pipelines`."""

    def __init__(self, pgconn: Any) -> None:
        super().__init__(pgconn)
        self._loop = asyncio.get_running_loop()
        self._batch: _Batch | None = None
        self._names = count()
        self._prepared_texts: OrderedDict[str, bytes] = OrderedDict()
        self._most_prepared = 0
        self._parses_left = 0
        self._stale = False
        # libpq learns of a transaction at a sync only.
        self._unsynced = False
        self._socket = -1

    def begin(self, statements: int, texts: int) -> None:
        """Enter pipeline mode; keep so many prepared statements, and serve for so many that are parsed."""
        self._most_prepared = statements
        self._parses_left = texts
        self.pgconn.nonblocking = 1
        self.pgconn.enter_pipeline_mode()
        self._socket = self.pgconn.socket
        self._loop.add_reader(self._socket, self._readable)

    async def close(self) -> None:
        """Close the socket, and first stop listening to it: its number may be another's next."""
        if self._socket >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = -1
        await super().close()

    @property
    def usable(self) -> bool:
        """Whether the connection lives, nothing is open on it, and nothing of it is out of date or worn."""
        return (
            self._batch is None
            and self._parses_left > 0
            and not self._unsynced
            and not self._stale
            and self.pgconn.status == _ALIVE
            and self.pgconn.transaction_status == _IDLE
        )

    def look(self) -> None:
        """Take notice of what arrived while nothing was asked, such as the server's goodbye."""
        if self._batch is None and not self.closed:
            self._readable()

    async def run(self, steps: Sequence[Step], end: End) -> Outcome:
        """Send statements and await their answers. LostError when the connection went away meanwhile.

        Whoever is cancelled here leaves a connection that has to be closed.
        """
        if self._batch is not None:
            raise RuntimeError("a connection answers one batch at a time")
        # First, since a value that cannot be sent must not leave half a batch behind.
        parameters = [[encoded(value) for value in step.values] for step in steps]
        batch = self._batch = _Batch(self._loop.create_future(), len(steps), end)
        self._unsynced = True
        try:
            if self._most_prepared and any(step.keep and step.text not in self._prepared_texts for step in steps):
                self._make_room(batch, steps)
            for number, values in enumerate(parameters):
                self._send(batch, number, steps[number], values)
            if end is End.OPEN:
                self.pgconn.send_flush_request()
            else:
                self._send_end(batch)
            self._flush()
        except psycopg.OperationalError as error:
            self._lose(error)
        return await batch.future

    async def abandon(self, seconds: float) -> None:
        """Cancel what runs and wait until the server has heard of it; close, unless the connection is idle then.

        The server sends its signal before it lets go of who asked for it: a cancellation that comes too late finds
        the connection idle, where it is nothing, and not the next statement.
        """
        batch = self._batch
        try:
            async with asyncio.timeout(seconds):
                if batch is not None and not self.closed:
                    # Whoever awaited the outcome is gone, and with them their future.
                    batch.future = self._loop.create_future()
                    await self.cancel_safe(timeout=seconds)
                    await batch.future
        except (psycopg.Error, LostError, OSError, TimeoutError):
            self._stale = True
        finally:
            if not self.usable:
                await self.close()

    def _send(self, batch: _Batch, number: int, step: Step, values: list[bytes | None]) -> None:
        if step.keep and self._most_prepared:
            self.pgconn.send_query_prepared(self._name(batch, step.text), values or None)
        else:
            self._parses_left -= 1
            self.pgconn.send_query_params(step.text.encode(), values or None)
        batch.awaited.append(number)

    def _name(self, batch: _Batch, text: str) -> bytes:
        """The name under which a text is prepared; one that is not is prepared now."""
        name = self._prepared_texts.get(text)
        if name is not None:
            self._prepared_texts.move_to_end(text)
            return name
        name = b"s%d" % next(self._names)
        self._parses_left -= 1
        self.pgconn.send_prepare(name, text.encode())
        batch.awaited.append(text)
        self._prepared_texts[text] = name
        return name

    def _make_room(self, batch: _Batch, steps: Sequence[Step]) -> None:
        """Close what was used longest ago, for what is to be prepared: first, since nothing is done behind an error."""
        texts = dict.fromkeys(step.text for step in steps if step.keep)
        known = [text for text in texts if text in self._prepared_texts]
        for text in known:
            self._prepared_texts.move_to_end(text)
        most = self._most_prepared - (len(texts) - len(known))
        while len(self._prepared_texts) > max(0, most):
            _, oldest = self._prepared_texts.popitem(last=False)
            self.pgconn.send_close_prepared(oldest)
            batch.awaited.append(None)

    def _send_end(self, batch: _Batch) -> None:
        if batch.end is End.ROLLBACK:
            # Where a transaction began by itself, this ends it, and with a warning that nobody reads.
            self.pgconn.send_query_params(b"rollback", None)
            batch.awaited.append(None)
        self.pgconn.pipeline_sync()

    def _flush(self) -> None:
        """Send what is buffered; the rest of much when the socket takes it."""
        if self.pgconn.flush():
            self._loop.add_writer(self._socket, self._writable)

    def _writable(self) -> None:
        # What the server says meanwhile has to be read, or neither side goes on.
        self._readable()
        try:
            if self._socket >= 0 and not self.pgconn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError as error:
            self._lose(error)

    def _readable(self) -> None:
        connection = self.pgconn
        try:
            connection.consume_input()
            while (batch := self._batch) is not None and not connection.is_busy():
                result = connection.get_result()
                # Null stands between the results of two statements.
                if result is not None:
                    self._take(batch, result)
                elif connection.status != _ALIVE:
                    break
        except psycopg.OperationalError as error:
            self._lose(error)
            return
        if connection.status != _ALIVE:
            self._lose(None)

    def _take(self, batch: _Batch, result: PGresult) -> None:
        """Put a result to what it answers; the last one ends the batch."""
        status = result.status
        if status == _PIPELINE_SYNC:
            self._unsynced = False
            self._finish(batch)
            return
        if batch.seen == len(batch.awaited) and status == _FATAL_ERROR and batch.error is None:
            # Nothing is left to be answered but the sync: the commit was refused.
            self._fail(batch, result, batch.steps)
            return
        if batch.seen == len(batch.awaited) or status not in _KNOWN:
            # A COPY, or whatever else is none of a batch: it might go on like that for ever.
            self._lose(None)
            return
        awaited = batch.awaited[batch.seen]
        batch.seen += 1
        if status not in _GOOD:
            self._refuse(batch, result, awaited)
        elif isinstance(awaited, int):
            batch.answers.append(result)
        if batch.end is End.OPEN and batch.seen == len(batch.awaited):
            if batch.error is None:
                self._finish(batch)
            else:
                # Until there is a sync, nothing that follows would be looked at.
                batch.end = End.COMMIT
                self.pgconn.pipeline_sync()
                self._flush()

    def _refuse(self, batch: _Batch, result: PGresult, awaited: str | int | None) -> None:
        if isinstance(awaited, str):
            self._prepared_texts.pop(awaited, None)
        if result.status == _FATAL_ERROR and batch.error is None:
            # A text that cannot be prepared is an error of the step that it is for.
            following = (each for each in batch.awaited[batch.seen - 1 :] if isinstance(each, int))
            self._fail(batch, result, next(following, batch.steps))

    def _fail(self, batch: _Batch, result: PGresult, step: int) -> None:
        batch.error = as_error(result)
        batch.failed = step
        if batch.error.sqlstate in _STALE:
            self._stale = True

    def _finish(self, batch: _Batch) -> None:
        self._batch = None
        if not batch.future.done():
            batch.future.set_result(Outcome(batch.answers, batch.error, batch.failed))

    def _lose(self, error: psycopg.OperationalError | None) -> None:
        """Fail what waits, and stop listening; closing is for whoever holds the connection."""
        batch, self._batch = self._batch, None
        self._stale = True
        if self._socket >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = -1
        with suppress(psycopg.Error):
            self.pgconn.finish()
        if batch is not None and not batch.future.done():
            lost = LostError()
            lost.__cause__ = batch.error or error
            batch.future.set_exception(lost)


def as_error(result: PGresult) -> asyncpg.PostgresError:
    """The server's error, as the other driver would raise it: one table of errors serves both."""
    found = {key: result.error_field(field) for key, field in _FIELDS.items()}
    fields = {key: value.decode(errors="replace") for key, value in found.items() if value is not None}
    if "C" not in fields:
        # libpq's own words about a connection that broke off.
        fields = {"S": "FATAL", "C": "08006", "M": "connection failure"}
    error: asyncpg.PostgresError = asyncpg.PostgresError.new(fields)
    return error
