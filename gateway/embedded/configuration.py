"""What the embedded server is told: who may come in, where it listens, and how it treats data and logs."""

import locale
import os
from collections.abc import Mapping
from pathlib import Path

from gateway.embedded.account import user_name
from gateway.embedded.home import Home

SERVER = "postgresql.conf"
ACCESS = "pg_hba.conf"
NAMES = "pg_ident.conf"

# The superuser comes in by the socket, where the kernel says who it is; everyone else by a password over loopback.
ACCESS_RULES = """\
# type  database  user      address       method
local   all       postgres                peer map=owner
host    all       postgres  all           reject
host    all       all       127.0.0.1/32  scram-sha-256
"""


def initdb(major: int, superuser: str) -> list[str]:
    """Arguments of initdb: UTF-8, the order of code points, the character classes of Unicode, English messages."""
    provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    return [
        "--username",
        superuser,
        "--auth=peer",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        f"--locale={_unicode_locale()}",
        "--lc-messages=C",
        "--data-checksums",
        "--no-instructions",
        *provider,
    ]


def environment() -> dict[str, str]:
    """Environment of the server's programs: nothing of ours that would change what they do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": _unicode_locale(), "TZ": "UTC"}


def write(home: Home, port: int, socket_directory: Path, parameters: Mapping[str, str]) -> None:
    """Write the files that the server reads at its start; the server itself cannot change them."""
    settings = {
        "data_directory": str(home.data),
        "hba_file": str(home.path / ACCESS),
        "ident_file": str(home.path / NAMES),
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(socket_directory),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "200",
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "cluster_name": "cloison",
        # The log names what happened, not the values that it happened to.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        **parameters,
    }
    lines = [f"{name} = {_quoted(value)}\n" for name, value in settings.items()]
    _replace(home.path / SERVER, "".join(lines))
    _replace(home.path / ACCESS, ACCESS_RULES)
    _replace(home.path / NAMES, f'owner "{user_name()}" postgres\n')


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.write_text(text)
    draft.chmod(0o644)
    draft.replace(path)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _unicode_locale() -> str:
    """Find a locale of this machine that knows letters beyond ASCII; C where there is none."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
