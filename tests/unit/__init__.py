"""Tests that need no release; all of them together take a few seconds."""
