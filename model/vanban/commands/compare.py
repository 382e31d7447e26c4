"""`vanban compare`: two annotations of the same documents as one page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from vanban.commands.messages import SOME_FAILED, say
from vanban.errors import UserError

SHOWN: Final = 5  # ids in a message, and messages of one kind


def compare(
    gold: Annotated[
        Path, typer.Argument(help="What is right: a file or a folder of annotated documents, in a format that is read.")
    ],
    predicted: Annotated[Path, typer.Argument(help="What is measured against it, such as tag wrote.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Page to write, which works offline: compare.html.")],
) -> None:
    """Show two annotations of the same documents side by side, with their errors by kind and a table of confusion.

    Documents are matched by id where the texts are the same, else by text; what one side has alone is told, and not
    counted. Spans count when label, start and end are all right.

    Exit status: 0 all compared, 1 some documents could not be, 2 wrong use.
    """
    # not at the top: help is quick
    from vanban.documents.annotated import tagged_documents
    from vanban.documents.comparison import write_comparison
    from vanban.documents.counting import counted
    from vanban.documents.formats.format import Losses
    from vanban.documents.formats.losses import said_of_reading
    from vanban.documents.matching import match
    from vanban.documents.names import suffix_of
    from vanban.documents.whole import whole_file

    if suffix_of(out) not in (".html", ".htm"):
        raise UserError(f"{out}: expected a name that ends in .html, for example -o compare.html")
    sides = [(str(path), Losses()) for path in (gold, predicted)]
    matching = match(*(tagged_documents(path, losses) for path, losses in sides))
    for told in (said_of_reading(losses, path) for path, losses in sides):
        if told:
            say(told)
    for failure in matching.failures[:SHOWN]:
        say(f"error: {failure}")
    if len(matching.failures) > SHOWN:
        more_of_them = counted(len(matching.failures) - SHOWN, "more documents")
        say(f"error: {more_of_them} can't be compared")
    for path, ids in ((gold, matching.only_gold), (predicted, matching.only_predicted)):
        if ids:
            more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
            say(f"{counted(len(ids), 'documents')} only in {path}: {', '.join(ids[:SHOWN])}{more}")
    differ = counted(matching.unlike, "documents with the same id have", "document with the same id has")
    if not matching.pairs and matching.unlike:
        raise UserError(f"nothing can be compared: {differ} other texts in {predicted}; tag the texts of {gold}")
    if not matching.pairs:
        raise UserError(f"{gold} and {predicted} have no document in common: expected the same ids, or the same texts")
    try:
        with whole_file(out) as partial_file, open(partial_file, "wb") as file:
            comparison = write_comparison(matching, (str(gold), str(predicted)), file)
    except OSError as error:
        raise UserError(f"{error.filename or out}: can't be written: {error.strerror or error}") from None
    total = comparison.scores()[-1]
    kinds = ", ".join(f"{number} {kind}" for kind, number in comparison.kinds.most_common()) or "no error"
    # of no spans there is no score: 0.0000 would say that all were wrong
    result = f"F1 {total['f1']:.4f}, {kinds}" if total["gold"] or total["found"] else "no spans, and so no F1"
    say(f"{counted(len(matching.pairs), 'documents')}: {result} → {out}")
    if matching.unlike:
        say(f"error: {differ} other texts in {predicted}, and nothing above or in {out} counts them")
    if matching.failures:
        raise typer.Exit(SOME_FAILED)
