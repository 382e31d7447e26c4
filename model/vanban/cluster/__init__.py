"""The work of `tag` on a Ray cluster: files on any file system come in, a folder of results goes out.
May import scale, documents and what is below them; ray and pyarrow are loaded here alone."""
