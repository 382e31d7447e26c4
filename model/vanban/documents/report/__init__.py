"""The view of tagged documents in a browser: its script and its style as files, and the pages that hold both with data.
Nothing of it is fetched from elsewhere, and no text of a document is ever taken for markup."""
