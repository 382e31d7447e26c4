"""One file a command: its arguments, what it says while it works, and its exit status.
May import all wings but the command line itself, which lists them."""
