"""Great Expectations' Data Docs as files that can be read without a network."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.data_context import AbstractDataContext

SITE = "data_docs"
# The library's pages load styles, scripts and images from content networks. Without them all sections stand open,
# and these few styles are enough.
_REMOTE = re.compile(
    r"<link\b[^>]*\bhref=[\"']https?:[^>]*>"
    r"|<script\b[^>]*\bsrc=[\"']https?:[^>]*>\s*</script>"
    r"|<img\b[^>]*\bsrc=[\"']https?:[^>]*>",
    re.IGNORECASE,
)
_STYLE = """<style>
body { font-family: sans-serif; margin: 1.5rem; color: #222; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { border: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.fa-check-circle::before { content: "\\2713"; color: #1a7f37; }
.fa-times::before { content: "\\2717"; color: #b42318; }
.modal, .navbar-toggler, form { display: none; }
</style>
</head>"""


def write_data_docs(context: AbstractDataContext, results: list[ExpectationSuiteValidationResult], folder: str) -> None:
    """Write the site of these results into ``folder``, replacing what an earlier run wrote there.

    Keeps of each result's failing rows only their count: the page is for reading, the issues are the list.
    """
    from great_expectations.core.batch import IDDict
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run_id = RunIdentifier(run_time=datetime.now(UTC))
    for result in results:
        result.meta |= {"run_id": run_id, "validation_time": run_id.run_time}
        for outcome in result.results:
            for rows in ("unexpected_index_list", "partial_unexpected_index_list"):
                outcome.result.pop(rows, None)
        key = ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(name=result.suite_name),
            run_id=run_id,
            batch_identifier=str(result.batch_id or IDDict({"suite": result.suite_name}).to_id()),
        )
        context.validation_results_store.set(key, result)
    backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(Path(folder).resolve())}
    site = {
        "class_name": "SiteBuilder",
        "store_backend": backend,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
        "show_how_to_buttons": False,
    }
    context.add_data_docs_site(SITE, site)  # type: ignore[arg-type]
    context.build_data_docs(site_names=[SITE])
    for page in Path(folder).rglob("*.html"):
        text = _REMOTE.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", _STYLE, 1), encoding="utf-8")
