"""Logs: what is set last holds, also for loggers that have spoken before."""

import pytest
import structlog
from structlog.testing import capture_logs

from gateway import logs
from gateway.settings import LogFormat, LogLevel

log = structlog.get_logger("cloison.test")


def test_what_is_set_last_holds_for_a_logger_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogLevel.INFO, LogFormat.JSON)
    log.info("first")
    assert '"event":"first"' in capsys.readouterr().err
    logs.configure(LogLevel.INFO, LogFormat.CONSOLE)
    log.info("second")
    assert '"event"' not in (text := capsys.readouterr().err)
    assert "second" in text
    with capture_logs() as events:
        log.info("third")
    assert [event["event"] for event in events] == ["third"]
