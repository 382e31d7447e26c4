"""The task of document types: variants of documents, scores, calibration, report.
May import corpus and fitting."""
