"""What goes with time: log files. Published files are kept by number (publishing), forecasts by days (forecasting),
views of people by the access policy; versions of source rows, decisions and alerts stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dagster_project.config import Settings

LOGS_KEPT_DAYS = 400
RUNS_KEPT_DAYS = 400
_DBT_LOG_BYTES = 20_000_000
_SERVER_LOG_BYTES = 20_000_000


def remove_old_logs(settings: Settings, today: date | None = None) -> list[str]:
    """Remove JSON logs of months that ended more than LOGS_KEPT_DAYS ago and keep the end of logs that only grow;
    return the names of the files touched."""
    last_kept = (today or datetime.now(UTC).date()) - timedelta(days=LOGS_KEPT_DAYS)
    folder = settings.home / "logs"
    touched = []
    for file in sorted(folder.glob("log-????-??.jsonl")):
        if file.stem < f"log-{last_kept:%Y-%m}":
            file.unlink()
            touched.append(file.name)
    for name, most in (("dbt.log", _DBT_LOG_BYTES), ("dagster.log", _SERVER_LOG_BYTES),
                       ("dashboards.log", _SERVER_LOG_BYTES)):  # fmt: skip
        file = folder / name
        if file.is_file() and file.stat().st_size > most:
            # In place: the process that writes it has it open for appending.
            with file.open("r+b") as log:
                log.seek(-most // 2, 2)
                kept = log.read().partition(b"\n")[2]
                log.seek(0)
                log.write(kept)
                log.truncate()
            touched.append(name)
    return touched
