"""One file, or shards, as the place where results go: rendered into a partial file, put in form at the end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from vanban.documents.counting import counted
from vanban.documents.document import Document
from vanban.documents.fingerprint import check_settings, fingerprint
from vanban.documents.forms import Form, Plain, part_of, plain_form
from vanban.documents.journal import Journal, open_at
from vanban.documents.lock import Lock
from vanban.documents.names import manifest_path
from vanban.documents.output import TRY_NEXT, Render, write_all
from vanban.documents.shards import cut, write_shards, write_whole
from vanban.errors import UserError
from vanban.schema import Prediction


class FileOutput:
    """Writes PATH.partial; at the end PATH, or its shards and their manifest, are made of it.

    PATH.partial.journal says what the partial file holds. Bytes that the journal does not cover were cut off by an
    interruption and are dropped when the run is resumed. Both stay when documents failed, for `--resume` to tag these;
    else they go. Whatever the moment at which a run ends, one that is resumed comes to the same output. `absent` is the
    number of documents of the interrupted run that were not met again. `is_untouched` says at the end that an earlier
    output stays what it was.
    """

    def __init__(
        self, path: Path, render: Render, resume: bool, overwrite: bool, form: Form | None = None, shards: int = 0
    ) -> None:
        """`shards` 0 is one file without a manifest.

        Raise UserError when PATH can't be written, when another run writes it now, or when an interrupted run left work
        that no flag decides on.
        """
        self.path = Path(os.path.realpath(path))  # a link stays a link
        self.partial = self.path.with_name(f"{self.path.name}.partial")
        self._form = form or plain_form(self.path)
        self._shards = shards
        self._target = manifest_path(self.path) if shards else self.path
        self._render = render
        self._journal = self._new_journal()
        if self.path.is_dir():
            raise UserError(f"{path}: is a folder, expected a file, for example -o {path / 'entities.jsonl'}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(self.path.parent, os.W_OK):  # now rather than after a model was loaded
            raise UserError(f"{self.path.parent}: can't be written; give -o another folder")
        with Lock(self.partial.with_name(f"{self.partial.name}.lock"), path) as self._lock:
            self._look(resume, overwrite)

    def _look(self, resume: bool, overwrite: bool) -> None:
        """Find out what an earlier run left. Raise UserError where no flag decides on it."""
        if not overwrite and self.partial.is_file() and self._journal.path.is_file():
            self._journal.read(self.partial.stat().st_size)
            if self._journal.is_finished and not resume:
                self._journal = self._new_journal()  # all that is kept is in the output, too
        self.done = self.absent = self._journal.documents
        self.is_untouched = False
        self.is_complete = resume and not self.partial.exists() and self._target.exists()
        if self.is_complete:
            self._journal.path.unlink(missing_ok=True)  # it was the last to go
        if self.done and not resume:
            raise UserError(f"{self.partial} holds {counted(self.done, 'documents')} of an interrupted run: {TRY_NEXT}")

    def _new_journal(self) -> Journal:
        return Journal(self.partial.with_name(f"{self.partial.name}.journal"))

    def start(self, settings: dict[str, Any]) -> None:
        """Open the partial file behind its last whole document. Raise UserError when its settings were others."""
        check_settings(self.partial, self._journal.settings, settings)
        self._partial_file = open_at(self.partial, self._journal.end)
        self._journal.open(settings)

    def has(self, document: Document) -> bool:
        """True when the partial file held the document at the start. Raise UserError when its text was another."""
        is_held = self._journal.holds(document)
        self.absent -= is_held is not False
        if is_held is None:
            raise UserError("was changed after the interrupted run tagged it; start again with --overwrite")
        return is_held

    def write(self, document: Document, prediction: Prediction) -> None:
        """Append to the partial file, then to the journal."""
        write_all(self._partial_file, self._render(document, prediction).encode("utf-8"))
        self._journal.add(document, self._partial_file.tell(), len(prediction.entities))
        self.done += 1

    def finish(self, failed: int = 0) -> None:
        """Sync the partial file to the disk, make the output of it, and remove what is no longer needed.

        Where every document failed, what an earlier run wrote stays as it is.
        """
        os.fsync(self._partial_file.fileno())
        self._partial_file.close()
        self.is_untouched = failed > 0 and not self.done and self._target.exists()
        if self.is_untouched:
            self._journal.finish()
            self._journal.close()
            return
        if not failed and not self._shards and isinstance(self._form, Plain) and not self._form.packing:
            os.replace(self.partial, self.path)
        elif not (self._journal.is_finished and self._target.exists()):
            self._make_output(failed)
        if failed:
            self._journal.finish()
        self._journal.close()
        if not failed:
            self.partial.unlink(missing_ok=True)  # the journal alone says nothing
            self._journal.path.unlink()

    def close(self) -> None:
        """Let another run write here."""
        self._lock.release()

    def _make_output(self, failed: int) -> None:
        journal = self._journal
        with part_of(self.partial, 0, journal.end) as texts:
            self._form.learn(texts)
        if not self._shards:
            temporary = self.partial.with_name(f"{self.partial.name}.new")
            write_whole(self._form, part_of(self.partial, 0, journal.end), self.path, temporary)
            return
        settings = journal.settings or {}
        about = {"fingerprint": fingerprint(settings), "settings": settings, "failed": failed}
        shards = cut(self.path, journal.rows(), journal.documents, self._shards)
        write_shards(self._form, self.partial, shards, self._target, about)
