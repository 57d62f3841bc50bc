"""Tests over a release: commands, the service, its pages and engines."""
