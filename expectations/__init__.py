"""The quality gate: Great Expectations suites on master data. Frames in, frames out; knows nothing else of ours."""

from expectations.rules import Rule, rule_catalogue
from expectations.validate import ValidationResult, validate

__all__ = ["Rule", "ValidationResult", "rule_catalogue", "validate"]
