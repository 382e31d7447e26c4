"""The labelling configuration of a project in Label Studio: what its tags are called, and what they may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from vanban.documents.names import composed
from vanban.errors import UserError

_TEXTS: Final = ("Text", "HyperText")
_DECLARATIONS: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)  # entities grow; no configuration has them
_LONGEST: Final = 200_000


@dataclass(frozen=True, slots=True)
class LabelConfig:
    """`text` is the name of the tag that shows the text, `key` where a task's data have it.

    `labels` and `choices` are the names of the tags for spans and for types, None where a project has none; what they
    offer is in `label_values` and `choice_values`, by what vanban may call it. These are empty where all is offered.
    """

    text: str = "text"
    key: str = "text"
    labels: str | None = "label"
    choices: str | None = "type"
    label_values: Mapping[str, str] = field(default_factory=dict)
    choice_values: Mapping[str, str] = field(default_factory=dict)


def read_label_config(xml: str | None) -> LabelConfig:
    """Return what a configuration says; without one, what vanban itself writes for Label Studio.

    Raises UserError for what is no XML, and for one that shows no text.
    """
    if not xml or not xml.strip():
        return LabelConfig()
    if len(xml) > _LONGEST or _DECLARATIONS.search(xml):
        raise UserError(f"label_config: expected tags alone, {_LONGEST:,} characters at most, and no DOCTYPE or ENTITY")
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError) as error:
        raise UserError(f"label_config: not XML: {error}") from None
    text = next((tag for tag in root.iter() if tag.tag in _TEXTS and tag.get("name")), None)
    value = (text.get("value") or "") if text is not None else ""
    if text is None or not value.startswith("$"):
        raise UserError('label_config: no text to read; expected a tag like <Text name="text" value="$text"/>')
    name = str(text.get("name"))
    labels, choices = (_control(root, kind, name) for kind in ("Labels", "Choices"))
    return LabelConfig(
        name,
        value[1:],
        labels.get("name") if labels is not None else None,
        choices.get("name") if choices is not None else None,
        _values(labels, "Label"),
        _values(choices, "Choice"),
    )


def _control(root: ElementTree.Element, kind: str, text: str) -> ElementTree.Element | None:
    """Return the tag of a kind that marks the text, None where there is none."""
    return next((tag for tag in root.iter(kind) if tag.get("toName") == text and tag.get("name")), None)


def _values(control: ElementTree.Element | None, kind: str) -> dict[str, str]:
    """Return what a tag offers, as results have it, by every name under which vanban may know it, in any case."""
    found: dict[str, str] = {}
    for tag in control.iter(kind) if control is not None else ():
        names = [name for name in (tag.get("alias"), tag.get("value")) if name]
        for name in names:
            found.setdefault(known_as(name), names[0])
    return found


def known_as(name: str) -> str:
    """Return a name in the form in which names are compared."""
    return composed(name).casefold().replace("_", " ")
