"""Great Expectations' Data Docs as files that can be read without a network."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.data_context import AbstractDataContext

SITE = "data_docs"
# The library's pages load styles, scripts and images from content networks. Without them all sections stand open,
# and these few styles are enough; only the index, which a script fills, needs a list of its own.
_REMOTE = re.compile(
    r"<link\b[^>]*\bhref=[\"']https?:[^>]*>"
    r"|<script\b[^>]*\bsrc=[\"']https?:[^>]*>\s*</script>"
    r"|<img\b[^>]*\bsrc=[\"']https?:[^>]*>"
    r"|background:\s*url\(['\"]https?:[^;]*;"
    r"|<footer>.*?</footer>",
    re.IGNORECASE | re.DOTALL,
)
_STYLE = """<style>
body { font-family: sans-serif; margin: 1.5rem; color: #222; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { border: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.fa-check-circle::before { content: "\\2713"; color: #1a7f37; }
.fa-times::before { content: "\\2717"; color: #b42318; }
.modal, .navbar-toggler, .navbar-brand, .nav-tabs, button, form, script { display: none; }
</style>
</head>"""


def write_data_docs(
    context: AbstractDataContext, results: list[ExpectationSuiteValidationResult], as_of: date, folder: str
) -> None:
    """Write the site of these results into ``folder``, replacing what an earlier run wrote there.

    Keeps of each result's failing rows only their count: the page is for reading, the issues are the list.
    """
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    target = Path(folder).resolve()
    for part in ("validations", "expectations"):
        shutil.rmtree(target / part, ignore_errors=True)
    run_id = RunIdentifier(run_name=as_of.isoformat(), run_time=datetime.now(UTC))
    for result in results:
        result.meta |= {"run_id": run_id, "validation_time": run_id.run_time}
        result.meta["batch_spec"]["data_asset_name"] = f"all {result.suite_name} records"
        for outcome in result.results:
            for rows in ("unexpected_index_list", "partial_unexpected_index_list"):
                outcome.result.pop(rows, None)
        suite = ExpectationSuiteIdentifier(name=result.suite_name)
        key = ValidationResultIdentifier(suite, run_id, batch_identifier=str(result.batch_id))
        context.validation_results_store.set(key, result)
    site = {
        "class_name": "SiteBuilder",
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(target)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
        "show_how_to_buttons": False,
    }
    context.add_data_docs_site(SITE, site)  # type: ignore[arg-type]
    context.build_data_docs(site_names=[SITE])
    for page in target.rglob("*.html"):
        text = _REMOTE.sub("", page.read_text(encoding="utf-8")).replace("</head>", _STYLE, 1)
        if page == target / "index.html":
            text = text.replace("</body>", f"{_index(target, results, as_of)}</body>", 1)
        page.write_text(text, encoding="utf-8")


def _index(target: Path, results: list[ExpectationSuiteValidationResult], as_of: date) -> str:
    """The list of pages, with paths as the library lays them out."""
    lines = []
    for result in results:
        name, statistics = result.suite_name, result.statistics
        page = next((target / "validations" / name).rglob("*.html")).relative_to(target).as_posix()
        lines.append(
            f'<tr><td><a href="{page}">{name}</a></td><td><a href="expectations/{name}.html">rules</a></td>'
            f"<td>{statistics['evaluated_expectations']}</td><td>{statistics['unsuccessful_expectations']}</td></tr>"
        )
    head = "<tr><th>records</th><th>suite</th><th>rules</th><th>failed rules</th></tr>"
    return "\n".join((f"<h2>Master data as of {as_of.isoformat()}</h2>", "<table>", head, *lines, "</table>"))
