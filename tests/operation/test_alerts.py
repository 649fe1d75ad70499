"""Alerts reach a webhook and a mailbox, a receiver that is down fails nothing, and no secret is in any of it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from urllib.parse import quote

import pytest

from dagster_project.alerts import Alert, send
from dagster_project.config import ConfigError, load_settings
from dagster_project.log_lines import logged
from dagster_project.redaction import blotted
from tests.end_to_end.conftest import settlehouse
from tests.operation.conftest import PASSWORD, HttpReceiver, MailReceiver, free_port, with_alerts

TOKEN = "T00000000/B11111111/abcdefghijklmnop"
STALE = Alert("stale_source", "warning", "erp", "source 'erp' 没有新数据: nothing new\nsince Friday")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_PASSWORD", quote(PASSWORD, safe=""))
    monkeypatch.setenv("MAIL_PASSWORD", quote(PASSWORD, safe=""))
    monkeypatch.setenv("HOOK_TOKEN", TOKEN)


def test_webhook_gets_the_alert_as_json(company: Path, webhook: HttpReceiver):
    settings = load_settings(with_alerts(company, webhook=webhook.address + "/services/${HOOK_TOKEN}"))
    assert send(settings, STALE) == []
    assert webhook.paths == [f"/services/{TOKEN}"]
    (got,) = webhook.got
    assert got["text"] == f"[warning] Nordlicht: stale source erp\n{STALE.message}"
    assert (got["kind"], got["severity"], got["about"], got["group"]) == ("stale_source", "warning", "erp", "Nordlicht")


def test_mail_reaches_every_recipient_with_one_line_as_subject(company: Path, mailbox: MailReceiver):
    server = f"smtp://alerts:${{MAIL_PASSWORD}}@127.0.0.1:{mailbox.port}"
    assert send(load_settings(with_alerts(company, mail=server)), STALE) == []
    (mail,) = mailbox.got
    assert mailbox.recipients == [["treasury@example.com", "li.na@example.com"]]
    assert mail["Subject"] == "[warning] Nordlicht: stale source erp"
    assert "没有新数据: nothing new\nsince Friday" in mail.get_content().replace("\r\n", "\n")


def test_every_alert_stands_in_the_log_of_alerts(company: Path, tmp_path: Path):
    settings = load_settings(company)
    assert send(settings, STALE) == []
    (line,) = (tmp_path / "var" / "logs" / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["message"] == STALE.message


def test_receivers_that_are_down_are_said_in_the_log_and_fail_nothing(company: Path, tmp_path: Path):
    settings = load_settings(
        with_alerts(
            company,
            webhook=f"http://127.0.0.1:{free_port()}/services/${{HOOK_TOKEN}}",
            mail=f"smtp://alerts:${{MAIL_PASSWORD}}@127.0.0.1:{free_port()}",
        )
    )
    with logged(settings.home):
        failures = send(settings, STALE)
    assert len(failures) == 2
    assert "did not reach the webhook" in failures[0]
    assert "did not reach the mail server 127.0.0.1" in failures[1]
    (log,) = (tmp_path / "var" / "logs").glob("log-*.jsonl")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["level"] for line in lines] == ["warning", "warning"]
    assert "abcdefghijklmnop" not in log.read_text(encoding="utf-8")


def test_a_refused_login_is_said_without_the_password(company: Path, mailbox: MailReceiver, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "another-w0rd")
    server = f"smtp://alerts:${{MAIL_PASSWORD}}@127.0.0.1:{mailbox.port}"
    (failure,) = send(load_settings(with_alerts(company, mail=server)), STALE)
    assert "SMTPAuthenticationError" in failure
    assert "another-w0rd" not in failure
    assert mailbox.got == []


@pytest.mark.parametrize(
    ("alerts", "says"),
    [
        ("{webhook: 'ftp://example.com'}", "'alerts.webhook' must start with http:// or https://"),
        ("{webhook: '${NOT_THERE}'}", "alerts needs the environment variable NOT_THERE"),
        (
            "{email: {server: 'mail.example.com', sender: a@b, recipients: [c@d]}}",
            "'alerts.email.server' must be smtp:",
        ),
        ("{email: {server: 'smtp://m', sender: a@b, recipients: ['c@d, e@f']}}", "'c@d, e@f' is not an address"),
        ("{email: {server: 'smtp://m', to: [a@b]}}", "Allowed here: server, sender, recipients"),
        ("{pager: 1}", "Allowed here: webhook, email"),
    ],
)
def test_a_mistake_in_company_yml_is_one_line(company: Path, alerts: str, says: str):
    company.write_text(company.read_text(encoding="utf-8") + f"alerts: {alerts}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_settings(company)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_failed_run_alerts_and_the_password_is_nowhere(
    company: Path, tmp_path: Path, webhook: HttpReceiver, mailbox: MailReceiver
):
    """A database that does not answer: looked for in what is printed, logged, sent and left on disk, in every form."""
    config = with_alerts(
        company,
        webhook=webhook.address + "/services/${HOOK_TOKEN}",
        mail=f"smtp://alerts:${{MAIL_PASSWORD}}@127.0.0.1:{mailbox.port}",
    )
    ended = settlehouse("run", "--config", config, "--as-of", "2026-10-31")
    assert ended.exit_code == 1
    assert "can't be reached" in ended.error
    assert [alert["kind"] for alert in webhook.got] == ["failed_run"]
    assert "can't be reached" in webhook.got[0]["message"]
    (mail,) = mailbox.got
    assert "can't be reached" in mail.get_content()
    said = [ended.output, ended.error, json.dumps(webhook.got, ensure_ascii=False), mail.as_string()]
    left = [file.read_bytes() for file in (tmp_path / "var").rglob("*") if file.is_file()]
    assert len(left) > 5
    for secret in (PASSWORD, quote(PASSWORD, safe=""), TOKEN, TOKEN.rpartition("/")[2]):
        assert [text for text in said if secret in text] == []
        assert [content for content in left if secret.encode("utf-8") in content] == []


def test_what_a_library_says_of_a_login_is_blotted_in_log_and_failure(company: Path, tmp_path: Path, caplog):
    """Exceptions of drivers quote connection strings whole."""
    import dagster as dg

    from dagster_project.assets.outcome import one_line_failures

    settings = load_settings(company)
    with logged(settings.home, "run-1"):
        try:
            raise ValueError(f"could not parse postgresql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:1/tryton")
        except ValueError:
            logging.getLogger("settlehouse").exception("  %s for %s", PASSWORD, "erp")
    (log,) = (tmp_path / "var" / "logs").glob("log-*.jsonl")
    line = json.loads(log.read_text(encoding="utf-8"))
    assert line["message"] == "  *** for erp"
    assert line["values"] == ["***", "erp"]
    assert line["error"] == "ValueError: could not parse postgresql://reader:***@127.0.0.1:1/tryton"
    assert line["run_id"] == "run-1"
    with pytest.raises(dg.Failure) as failure, one_line_failures():
        raise RuntimeError(f"no such host: {PASSWORD}@nowhere")
    assert failure.value.description == "RuntimeError: no such host: ***@nowhere"
    assert blotted("nothing secret here") == "nothing secret here"
