"""Lets ``python -m tutela`` do what ``tutela`` does."""

from tutela.cli import main

main()
