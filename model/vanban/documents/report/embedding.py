"""JSON inside a page: whatever a document holds, it can't end the element that it stands in, and comes back whole."""

from __future__ import annotations

import json
import re
from typing import Any, Final

# what HTML or JavaScript could take for its own, what changes the direction of a source, and what UTF-8 can't hold
_UNSAFE: Final = re.compile(
    r"[<>&\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


def embedded_json(value: Any) -> str:
    """Return a value as one line of JSON that may stand inside a `<script>`, and that `JSON.parse` reads as it was."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def data_block(kind: str, value: Any) -> str:
    """Return a value as a data block, one line: an element that a browser neither shows nor runs."""
    return f'<script type="application/json" data-kind="{kind}">{embedded_json(value)}</script>\n'


def data_of(line: str, kind: str) -> Any:
    """Return the value of a line that `data_block` wrote with this kind, None of another line."""
    start = f'<script type="application/json" data-kind="{kind}">'
    return json.loads(line[len(start) : line.rindex("</script>")]) if line.startswith(start) else None
