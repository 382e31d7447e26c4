"""The head of a mail, as its text begins with it: `From: …`, `To: …`, `Date: …`, `Subject: …`, a line each.

It says who sent the mail, which need not be who issued what it holds; so only its subject is of the record.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from vanban.schema import Span
from vanban.values.view import View

_LONGEST: Final = 20_000  # code points: hundreds of addresses
_FEWEST_LINES: Final = 2  # one alone may be any text's
_LINE: Final = re.compile(r"(?P<name>From|To|Cc|Date|Subject):[ ]?(?P<value>[^\n]*?)[ ]*(?:\n|$)")
_WHITE: Final = re.compile(r"\s*")


class Mail(NamedTuple):
    """Where the head of a mail ends, 0 where there is none, and the span of the subject's words in the view's text."""

    end: int
    subject: Span | None


def read_mail(view: View) -> Mail:
    """Return what the head of a mail at the beginning of a text says."""
    text = view.with_breaks(0, _LONGEST)
    blank = _WHITE.match(text)
    at = blank.end() if blank else 0
    names: list[str] = []
    subject: Span | None = None
    while line := _LINE.match(text, at):
        if line["name"] in names:
            break  # a line of the body
        names.append(line["name"])
        if line["name"] == "Subject" and line["value"].strip():
            subject = line.span("value")
        at = line.end()
    return Mail(at, subject) if len(names) >= _FEWEST_LINES else Mail(0, None)
