from __future__ import annotations

import logging

import pytest

from vanban.serving.logs import PlacesAlone, place_of


def test_errors_are_told_by_kind_and_place_alone() -> None:
    said: list[str] = []
    logger = logging.getLogger("of.a.package")
    logger.addHandler(PlacesAlone(said.append))
    logger.propagate = False
    logger.warning("a warning about %s", "bí mật")
    try:
        raise ValueError("bí mật")
    except ValueError as error:
        logger.exception("bí mật")
        assert place_of(error) == f"ValueError at {__file__}:{error.__traceback__.tb_lineno}"  # type: ignore[union-attr]
    assert place_of(KeyError("bí mật")) == "KeyError"
    assert len(said) == 2 and "bí mật" not in "".join(said)
    assert said[0].startswith(f"of.a.package: warning at {__file__}:")
    assert said[1].startswith("of.a.package: error at ") and f": ValueError at {__file__}:" in said[1]


def test_a_failure_of_the_service_is_answered_and_told_without_the_text(
    ask: object, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> bytes:
        raise LookupError("bí mật")

    monkeypatch.setattr("vanban.serving.reading._predictions_in_json", fail)
    answer = ask().post("/predict", json={"text": "bí mật"})  # type: ignore[operator]
    assert (answer.status_code, answer.json()) == (500, {"error": "the service failed; its log says where"})
    (line,) = said
    assert line.startswith("POST /predict: LookupError at ") and "bí mật" not in line
