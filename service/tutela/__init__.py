"""Tutela: the law that protects children, as linked open data."""
