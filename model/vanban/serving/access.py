"""Who may ask: everyone on this machine, and beyond it who has the token."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import os
import socket
from pathlib import Path
from typing import Final

from vanban.errors import UserError

VARIABLE: Final = "VANBAN_TOKEN"
LEAST: Final = 16  # characters
MAKE_ONE: Final = "python3 -c 'import secrets; print(secrets.token_urlsafe())'"
# what a browser and a supervisor ask for before they can show a token; nothing is read there
OPEN: Final = frozenset({"/", "/health", "/openapi.json"})
ASSETS: Final = "/assets/"


def token_of(file: Path | None) -> str | None:
    """Return the token of a file, or else of VANBAN_TOKEN; raise UserError for one that is easily guessed."""
    if file is None:
        token, where = os.environ.get(VARIABLE, ""), VARIABLE
    else:
        where = str(file)
        try:
            token = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file}: the token can't be read: {error}") from None
    if not token and file is None:
        return None
    if len(token) < LEAST or not (token.isascii() and token.isprintable()) or " " in token:
        raise UserError(
            f"{where}: found a token of {len(token)} characters, expected {LEAST} or more, of ASCII without spaces; "
            f"make one: {MAKE_ONE}"
        )
    return token


def bound(host: str, port: int, token: str | None) -> socket.socket:
    """Return a socket at that address, which does not listen yet.

    Raises UserError for an address that can't be had, and for one beyond this machine without a token.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, OverflowError, UnicodeError) as error:
        raise UserError(f"--host {host}: not an address of this machine: {error}") from None
    if token is None and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise UserError(
            f"--host {host}: others than this machine can reach it, and there is no token; make one ({MAKE_ONE}) and "
            f"give it as {VARIABLE} or --token-file, or take --host 127.0.0.1"
        )
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        made.close()
        raise UserError(f"{host}:{port}: can't be had: {error.strerror}; take another --port or --host") from None
    return made


def may_pass(path: str, authorization: bytes, token: str | None) -> bool:
    """True of a request without which there is nothing to guard, or that shows the token.

    `authorization` is the header: `Bearer TOKEN`, or `Basic` with the token as password, as Label Studio sends it.
    """
    if token is None or path in OPEN or path.startswith(ASSETS):
        return True
    scheme, _, shown = authorization.partition(b" ")
    if scheme.lower() == b"basic":
        try:
            shown = base64.b64decode(shown.strip(), validate=True).partition(b":")[2]
        except binascii.Error:
            shown = b""
    elif scheme.lower() != b"bearer":
        shown = b""
    return hmac.compare_digest(shown.strip(), token.encode())
