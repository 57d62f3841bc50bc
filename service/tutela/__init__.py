"""Tutela: the law that protects children from sexual abuse material, as linked open data."""
