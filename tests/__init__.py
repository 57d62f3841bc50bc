"""Tests of what a user relies on."""
