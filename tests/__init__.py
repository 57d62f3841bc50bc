"""Tests of what a user relies on."""

from pathlib import Path

EXPECTED_ANSWERS = Path(__file__).parent / "answers"  # the expected answer of each catalogue query, as CSV
