"""``python -m dashboards.board_pack --language zh --out board_pack.pdf``: the pack of the published file, no server.

The file is the one that ``SETTLEHOUSE_PUBLISHED`` names, as for the pages. Exit code 1 and one line on stderr where
there is none, or it cannot be read.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards.board_pack", description="The board pack as PDF.")
    parser.add_argument("--language", choices=["en", "zh"], default="en")
    parser.add_argument("--out", type=Path, required=True, help="PDF to write")
    wanted = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit tells that no browser is there; none is meant to be
    from dashboards.access import NotReadable
    from dashboards.board_pack.content import board_pack
    from dashboards.board_pack.drawing import pdf_bytes
    from dashboards.components.language import text_in

    try:
        content = pdf_bytes(board_pack(wanted.language))
    except NotReadable as problem:
        print(text_in("en", problem.reason, detail=problem.detail), file=sys.stderr)
        return 1
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
