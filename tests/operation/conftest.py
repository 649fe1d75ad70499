"""A small group without a warehouse, and receivers of alerts that listen on loopback."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

PASSWORD = "s3cret w@rd/%x"


class HttpReceiver:
    """What a webhook got, and the paths it was sent to."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.paths.append(self.path)
                receiver.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class MailReceiver:
    """What a mail server took in from whoever logged in with PASSWORD."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.recipients: list[list[str]] = []
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=free_port(),
            authenticator=self.authenticate,
            auth_require_tls=False,
            auth_required=True,
        )
        self.controller.start()
        self.port = self.controller.port

    def authenticate(self, *arguments: Any) -> AuthResult:
        login = arguments[-1]
        is_known = isinstance(login, LoginPassword) and login == LoginPassword(b"alerts", PASSWORD.encode("utf-8"))
        return AuthResult(success=is_known, handled=False)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.recipients.append(envelope.rcpt_tos)
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def webhook() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def mailbox() -> Iterator[MailReceiver]:
    receiver = MailReceiver()
    yield receiver
    receiver.controller.stop()


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """company.yml of a group whose database nobody serves; its password comes from the environment."""
    file = tmp_path / "company.yml"
    file.write_text(
        "group: {name: Nordlicht, reporting_currency: EUR}\n"
        "sources:\n"
        "- {name: erp, system: tryton, url: 'postgresql://reader:${ERP_PASSWORD}@127.0.0.1:1/tryton'}\n",
        encoding="utf-8",
    )
    return file


def with_alerts(company: Path, *, webhook: str | None = None, mail: str | None = None) -> Path:
    """The same file with alerts to a webhook and a mail server."""
    text = company.read_text(encoding="utf-8") + "alerts:\n"
    if webhook:
        text += f"  webhook: '{webhook}'\n"
    if mail:
        text += (
            f"  email: {{server: '{mail}', sender: settlehouse@example.com, "
            "recipients: [treasury@example.com, li.na@example.com]}\n"
        )
    company.write_text(text, encoding="utf-8")
    return company
