"""What is written in one turn of the event loop goes out at once, and in order."""

import asyncio

from gateway.protocol import Gathering


class Recorded(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.done: list[bytes | str] = []
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.closing = True
        self.done.append("closed")

    def is_closing(self) -> bool:
        return self.closing


async def test_head_and_body_are_one_write() -> None:
    recorded = Recorded()
    transport = Gathering(recorded, asyncio.get_running_loop())
    transport.write(b"head ")
    transport.write(b"body")
    assert recorded.done == []
    await asyncio.sleep(0)
    transport.write(b"next")
    await asyncio.sleep(0)
    assert recorded.done == [b"head body", b"next"]


async def test_what_was_written_goes_out_before_the_end() -> None:
    recorded = Recorded()
    transport = Gathering(recorded, asyncio.get_running_loop())
    transport.write(b"head ")
    transport.write(b"body")
    transport.close()
    await asyncio.sleep(0)
    assert recorded.done == [b"head body", "closed"]
    assert transport.is_closing()


async def test_nobody_is_written_to_who_has_gone() -> None:
    recorded = Recorded()
    transport = Gathering(recorded, asyncio.get_running_loop())
    transport.write(b"late")
    recorded.close()
    await asyncio.sleep(0)
    assert recorded.done == ["closed"]
