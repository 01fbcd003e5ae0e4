"""Makes ``.venv`` in a checkout: packages from lock files, the interfaces PyPI lacks, the package."""
