"""`vanban serve` with the predictor of `fake_predictor`, as a process of its own."""

from __future__ import annotations

import sys

import fake_predictor
from vanban.commands import serve

if __name__ == "__main__":
    serve.load_predictor = fake_predictor.load_as_tag
    sys.argv[:1] = ["vanban", "serve"]
    from vanban.cli import main

    main()
