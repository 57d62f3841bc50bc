"""Computed parts of pages: maps, timelines and trees of provisions."""
