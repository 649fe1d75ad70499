"""Telling people that something needs them: a line in ``<home>/logs/alerts.jsonl``, a webhook, an e-mail.

A receiver that does not answer is said in the log and never fails the work that wanted to tell. No secret leaves.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from dagster_project.config import AlertChannels, MailServer, Settings
from dagster_project.redaction import blotted

log = logging.getLogger("settlehouse")

WITHIN_SECONDS = 10


@dataclass(frozen=True)
class Alert:
    """One thing to tell. ``kind``: failed_run, stale_source, source_is_back, rejected_file; ``severity``: error,
    warning or info; ``about``: run id, source or file."""

    kind: str
    severity: str
    about: str
    message: str
    run_id: str | None = None
    happened_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))


def send(settings: Settings, alert: Alert) -> list[str]:
    """Tell everyone that company.yml names; return a sentence, without secrets, per receiver that was not reached."""
    message = {name: blotted(value) if isinstance(value, str) else value for name, value in asdict(alert).items()}
    message["group"] = settings.group.name
    failures = []
    channels = settings.alerts
    attempts: list[tuple[str, Callable[[], None]]] = [("log", lambda: _note(settings, message))]
    if channels.webhook:
        attempts.append(("webhook", lambda: _post(str(channels.webhook), message)))
    if channels.mail_server:
        server = channels.mail_server
        attempts.append((f"mail server {server.host}:{server.port}", lambda: _mail(server, channels, message)))
    for receiver, attempt in attempts:
        try:
            attempt()
        except Exception as error:  # whatever a receiver does, the work that tells goes on
            told = " ".join(blotted(f"{type(error).__name__}: {error}").split())
            failures.append(f"alert of {alert.kind} did not reach the {receiver}: {told}")
            log.warning("  %s. %s", failures[-1], "" if receiver == "log" else "See alerts in company.yml")
    return failures


def _note(settings: Settings, message: dict[str, str | None]) -> None:
    file = settings.home / "logs" / "alerts.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(message, ensure_ascii=False) + "\n")


def _post(url: str, message: dict[str, str | None]) -> None:
    """``text`` is what Slack, Mattermost and Teams show; the other fields are for programs."""
    import urllib.request

    body = json.dumps({"text": _subject(message) + "\n" + str(message["message"])} | message, ensure_ascii=False)
    request = urllib.request.Request(
        url, body.encode("utf-8"), {"Content-Type": "application/json; charset=utf-8"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=WITHIN_SECONDS):
        pass


def _mail(server: MailServer, channels: AlertChannels, message: dict[str, str | None]) -> None:
    import smtplib
    import ssl
    from email.message import EmailMessage
    from email.utils import format_datetime, make_msgid

    mail = EmailMessage()
    mail["Subject"] = " ".join(_subject(message).split())
    mail["From"], mail["To"] = channels.sender, ", ".join(channels.recipients)
    mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="settlehouse")
    mail.set_content(
        f"{message['message']}\n\n"
        + "".join(f"{name}: {message[name]}\n" for name in ("kind", "about", "run_id", "happened_at") if message[name])
    )
    context = ssl.create_default_context()
    if server.security == "smtps":
        session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=WITHIN_SECONDS, context=context)
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=WITHIN_SECONDS)
    with session:
        if server.security == "smtp+starttls":
            session.starttls(context=context)
        if server.user:
            session.login(server.user, server.password or "")
        session.send_message(mail)


def _subject(message: dict[str, str | None]) -> str:
    return f"[{message['severity']}] {message['group']}: {str(message['kind']).replace('_', ' ')} {message['about']}"
