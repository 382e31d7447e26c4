"""Raw text is read: NFC, segments, words, tokens with their spans, windows.
May import schema and errors."""
