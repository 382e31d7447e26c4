"""How long a report of many documents takes to write, to open and to filter, as one file and as a folder.

python tests/benchmarks/report.py --documents 5000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from browser import browser_of_this_machine
from vanban.documents.document import Document
from vanban.documents.formats.format import Tagged
from vanban.documents.formats.html import FORMAT
from vanban.documents.report_output import ReportOutput
from vanban.schema import Entity, Prediction

SENTENCE: Final = "UBND huyện Đông Anh báo cáo ngày {} có {} ca mắc tại thành phố Hà Nội theo Chỉ thị số 17/CT-UBND.\n"
SURFACES: Final = (("PLACE", "huyện Đông Anh"), ("PLACE", "thành phố Hà Nội"), ("DIRECTIVE", "Chỉ thị số 17/CT-UBND"))
SENTENCES: Final = 15
# milliseconds until the page shows what passes
MOVED: Final = """(value) => {
  const begin = performance.now(), slider = document.querySelector('.vb-score input');
  slider.value = value; slider.dispatchEvent(new Event('input')); document.body.offsetHeight;
  return performance.now() - begin;
}"""


def documents(number: int) -> Iterator[Tagged]:
    """Yield documents of 1.5 thousand characters with 45 entities."""
    for i in range(number):
        text, found = "", []
        for j in range(SENTENCES):
            sentence = SENTENCE.format(i, j)
            for label, surface in SURFACES:
                start = len(text) + sentence.index(surface)
                found.append(Entity(label, start, start + len(surface), surface, 0.5 + (i + j) % 50 / 100))
            text += sentence
        document = Document(i, text, str(i), str(i), f"in/{i}", None, {"text": text})
        yield document, Prediction(text, tuple(found), "m", "bao_cao", 0.9, {"bao_cao": 0.9})


def main() -> None:
    """Print seconds and sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5000)
    number = parser.parse_args().documents
    with tempfile.TemporaryDirectory() as folder, browser_of_this_machine() as browser:
        one = Path(folder, "report.html")
        begin = time.perf_counter()
        assert FORMAT.write is not None
        with open(one, "wb") as file:
            FORMAT.write(documents(number), file, Counter())
        print(f"one file: written in {time.perf_counter() - begin:.1f} s, {one.stat().st_size / 1e6:.0f} MB")
        measure(browser, one, ".vb-mark")
        begin = time.perf_counter()
        output = ReportOutput(Path(folder, "report"), [], resume=False, overwrite=False)
        output.start({})
        for tagged in documents(number):
            output.write(*tagged)
        output.finish()
        index = output.folder / "index.html"
        print(f"a folder: written in {time.perf_counter() - begin:.1f} s, index {index.stat().st_size / 1e6:.0f} MB")
        measure(browser, index, ".vb-list a")
        measure(browser, output.folder / "documents" / "in" / "0.html", ".vb-mark")


def measure(browser: Any, path: Path, shown: str) -> None:
    """Print how long a page takes until it shows what `shown` selects, and until a filter is done."""
    page = browser.new_page()
    begin = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector(shown)
    opened = time.perf_counter() - begin
    filtered = max(page.evaluate(MOVED, value) for value in (60, 80, 99, 0))
    print(f"  {path.name}: open in {opened:.2f} s, filtered in {filtered / 1000:.3f} s")
    page.close()


if __name__ == "__main__":
    main()
