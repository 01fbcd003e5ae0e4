"""Makes ``.venv``: pinned packages, the interfaces that PyPI lacks, this checkout."""
