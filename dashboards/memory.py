"""What the server of the pages holds in memory."""

from __future__ import annotations

import gc
import sys

_modules = 0


def spare_the_collector() -> None:
    """Set aside what modules hold, whenever more of them have been loaded; to be called when a page is made.

    Streamlit has Python look through all its objects after each view, which takes as long as making the page does.
    Modules stay for good, so there is nothing in them to collect.
    """
    global _modules
    if len(sys.modules) != _modules:
        _modules = len(sys.modules)
        gc.collect()
        gc.freeze()
