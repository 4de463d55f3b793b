"""When two e-mail addresses are one, as `access_private.address_key` of the database has it."""

import re
from string import ascii_lowercase, ascii_uppercase

ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ADDRESS = re.compile(rf"(?!-){ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*")
FOLD = str.maketrans(ascii_uppercase, ascii_lowercase)


def address_key(email: str) -> str:
    """Give an address the form in which it is kept: no blanks around it, A to Z in lower case, all else as it is."""
    return email.strip(" ").translate(FOLD)


def is_address(key: str) -> bool:
    """Tell whether such a key is an address that the database takes (`access_private.is_address`)."""
    return len(key) <= 254 and len(key.partition("@")[0]) <= 64 and ADDRESS.fullmatch(key) is not None
