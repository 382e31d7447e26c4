"""The record of a document: what its head and foot say, then what the values of its entities add to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final

from vanban.reading.text import one_line
from vanban.values.meaning import Directive, Official, Record
from vanban.values.records.foot import read_recipients
from vanban.values.records.head import is_letterhead, read_letterhead
from vanban.values.records.layout import key, pieces
from vanban.values.records.mail import read_mail
from vanban.values.records.press import read_article
from vanban.values.view import View, overlap

PRESS: Final = "tin_bao_chi"


def read_head(view: View, doc_type: str | None = None) -> Record:
    """Return the record of a document without acts and signers.

    `doc_type` is one of `schema.DOCUMENT_TYPES`; without it the head says whether it is an act's or an article's.
    The subject of a mail is what its own head says; all else is of what it holds.
    Spans are raw; those of recipients are named `recipients.0`, `recipients.1`, … in the order of `recipients`.
    """
    mail = read_mail(view)
    record = _read_head(view, doc_type, mail.end)
    if mail.subject is None:
        return record
    subject = one_line(view.text[slice(*mail.subject)])
    return dataclasses.replace(record, subject=subject, spans={**record.spans, "subject": view.raw(*mail.subject)})


def _read_head(view: View, doc_type: str | None, start: int) -> Record:
    """Return the same of what begins at `start`, behind the head of a mail."""
    found = pieces(view, start)
    if doc_type == PRESS or (doc_type is None and not is_letterhead(view, found)):
        return read_article(view, found)
    record = read_letterhead(view, found, doc_type)
    recipients = read_recipients(view, start)
    spans = {f"recipients.{i}": view.raw(*span) for i, span in enumerate(recipients)}
    names = tuple(one_line(view.text[slice(*span)]) for span in recipients)
    return dataclasses.replace(record, recipients=names, spans={**record.spans, **spans})


def read_record(
    view: View, head: Record, directives: Mapping[int, Directive], officials: Mapping[int, Official]
) -> Record:
    """Return a head's record with the acts that are its basis, all acts that it cites, and who signs.

    The values are by number of their entity in `view.entities`. The document's own symbol is no act that it cites.
    """
    in_order = [(view.entities[number], directives[number]) for number in sorted(directives)]
    own_span = head.spans.get("symbol")
    own = {act.id for entity, act in in_order if own_span and overlap((entity.start, entity.end), own_span)}
    if head.symbol is not None and not own:
        own = {act.id for _, act in in_order if act.symbol and key(act.symbol) == key(head.symbol)}
    cited = [act for _, act in in_order if act.id not in own]
    signers = {officials[i].key: officials[i] for i in sorted(officials, reverse=True) if officials[i].signs}
    return dataclasses.replace(
        head,
        basis=_once(act.id for act in cited if act.relation == "basis"),
        cites=_once(act.id for act in cited),
        signers=tuple(reversed(signers.values())),
    )


def _once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
