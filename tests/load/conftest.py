"""The demo group that the tests of the whole product share."""

from tests.end_to_end.conftest import demo_group

__all__ = ["demo_group"]
