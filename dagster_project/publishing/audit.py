"""Reading the certificate of a run: what must hold before anything is published."""

from __future__ import annotations

import logging
from pathlib import Path

from dagster_project.errors import SettlehouseError
from dagster_project.warehouse import open_warehouse

log = logging.getLogger("settlehouse")


class AuditError(SettlehouseError):
    """A blocking control failed: nothing is published."""


def audit(warehouse: Path) -> list[tuple[str, int, int]]:
    """Read ``marts.fct_tie_out``; return per control its name, number of comparisons and number that failed.

    Raises AuditError that names control, company and difference of the blocking controls that failed, or when the
    certificate is empty. Controls that do not block are logged as warnings.
    """
    with open_warehouse(warehouse, read_only=True) as connection:
        controls = connection.execute(
            "select control, count(*), count(*) filter (where not passed) from marts.fct_tie_out group by 1 order by 1"
        ).fetchall()
        failed = connection.execute(
            """select t.control, coalesce(c.name, t.company_id, 'group'), t.left_label, t.left_total, t.right_label,
                      t.right_total, t.difference, t.detail, t.blocking
               from marts.fct_tie_out t left join marts.dim_company c on c.company_id = t.company_id
               where not t.passed order by t.blocking desc, abs(t.difference) desc nulls last, t.control, 2"""
        ).fetchall()
    if not controls:
        raise AuditError("the certificate holds no control, so nothing is published. Check the dbt models control_*")
    sentences = [
        f"{control}, {company}: {left_label} {left} against {right_label} {right}, difference {difference}"
        + (f" ({detail})" if detail else "")
        for control, company, left_label, left, right_label, right, difference, detail, _ in failed
    ]
    blocking = [sentence for sentence, row in zip(sentences, failed, strict=True) if row[-1]]
    for sentence, row in list(zip(sentences, failed, strict=True))[:20]:
        if not row[-1]:
            log.warning("  control (does not block): %s", sentence)
    if blocking:
        more = f" — and {len(blocking) - 3} more" if len(blocking) > 3 else ""
        raise AuditError(
            f"not published: blocking control failed: {'; '.join(blocking[:3])}{more}. "
            "The published file is unchanged; mend the source or the model and run again"
        )
    return controls
