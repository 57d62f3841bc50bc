"""Validation: table metadata, SHACL shapes and check queries. All of them report `ValidationResult`."""

from tutela.validation.result import ValidationResult, conforms

__all__ = ["ValidationResult", "conforms"]
