"""``python -m dashboards.table_export --table fct_payable --out payables.xlsx``: a published table as a workbook.

As the Excel download of a page makes it, with the definitions of its columns; headings are the columns' names. The file
is the one that ``SETTLEHOUSE_PUBLISHED`` names. Exit code 1 and one line on stderr where it cannot be read.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards.table_export", description="A table as Excel.")
    parser.add_argument("--table", required=True)
    parser.add_argument("--language", choices=["en", "zh"], default="en")
    parser.add_argument("--out", type=Path, required=True, help="workbook to write")
    wanted = parser.parse_args()
    if not re.fullmatch(r"\w+", wanted.table):
        parser.error(f"{wanted.table} is no name of a table")
    logging.disable(logging.WARNING)  # Streamlit tells that no browser is there; none is meant to be
    from dashboards.access import NotReadable, query
    from dashboards.components.about import describe, words_of
    from dashboards.components.language import reading_in, text_in
    from dashboards.components.workbook import workbook_bytes

    try:
        with reading_in(wanted.language):
            frame = query(f"select * from marts.{wanted.table}")
            headings = {str(name): str(name) for name in frame.columns}
            about = describe(frame, headings)
            units = {name: definition.unit for name, definition in about.definitions.items()}
            content = workbook_bytes(frame, headings, words_of(about, wanted.table), units)
    except NotReadable as problem:
        print(text_in("en", problem.reason, detail=problem.detail), file=sys.stderr)
        return 1
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
