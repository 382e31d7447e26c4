from __future__ import annotations

import base64
from pathlib import Path

import pytest

from vanban import UserError
from vanban.serving.access import bound, may_pass, token_of

TOKEN = "correct-horse-battery"


def test_a_token_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VANBAN_TOKEN", raising=False)
    assert token_of(None) is None
    monkeypatch.setenv("VANBAN_TOKEN", TOKEN)
    assert token_of(None) == TOKEN
    file = tmp_path / "token"
    file.write_text("another-one-of-many\n")
    assert token_of(file) == "another-one-of-many"


@pytest.mark.parametrize("token", ["short", "fifteen-letters", "", "mật khẩu dài hơn mười sáu", "two words of a token"])
def test_a_token_that_is_easily_guessed_is_refused(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token, encoding="utf-8")
    with pytest.raises(UserError, match=f"token: found a token of {len(token)} characters, expected 16 or more"):
        token_of(tmp_path / "token")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone: the token can't be read: .*No such file"):
        token_of(tmp_path / "gone")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_beyond_this_machine_a_token_is_needed(host: str) -> None:
    with pytest.raises(UserError, match=r"others than this machine can reach it.*VANBAN_TOKEN or --token-file"):
        bound(host, 0, None)
    bound("0.0.0.0", 0, TOKEN).close()


def test_a_port_that_is_taken_is_named() -> None:
    with bound("localhost", 0, None) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(UserError, match=rf"127.0.0.1:{port}: can't be had: Address already in use; take another"):
            bound("127.0.0.1", port, None)
    with pytest.raises(UserError, match=r"--host no.such.host.invalid: not an address of this machine"):
        bound("no.such.host.invalid", 0, None)


def basic(text: bytes) -> bytes:
    return b"Basic " + base64.b64encode(text)


@pytest.mark.parametrize(
    ("header", "passes"),
    [
        (b"Bearer correct-horse-battery", True),
        (b"bearer  correct-horse-battery ", True),
        (basic(b"anyone:correct-horse-battery"), True),  # as Label Studio shows it
        (basic(b"correct-horse-battery:"), False),
        (b"Basic ???", False),
        (b"Bearer correct-horse-batter", False),
        (b"Bearer correct-horse-batteryy", False),
        (b"Bearer \xc3\xa9", False),
        (b"Token correct-horse-battery", False),
        (b"correct-horse-battery", False),
        (b"", False),
    ],
)
def test_who_shows_the_token_passes(header: bytes, passes: bool) -> None:
    assert may_pass("/predict", header, TOKEN) is passes
    assert may_pass("/predict", header, None)
    assert may_pass("/health", header, TOKEN) and may_pass("/assets/view.js", header, TOKEN)


def test_an_empty_header_is_no_token() -> None:
    assert not may_pass("/metrics", b"Bearer ", TOKEN)
