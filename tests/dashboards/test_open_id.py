"""Signing in for real: a provider of OpenID Connect on this machine, a browser, and what two people then see."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

REPOSITORY = Path(__file__).parents[2]
SCREENSHOTS = REPOSITORY / "var" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CLIENT = "settlehouse"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium"),
]


class Provider(ThreadingHTTPServer):
    """Lets in, without asking, whoever ``claims`` says is at the keyboard."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: dict[str, Any] = {}
        self.nonces: dict[str, str] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        place, asked = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        if place.path == "/.well-known/openid-configuration":
            url = self.server.url
            self._tell({
                "issuer": url, "authorization_endpoint": f"{url}/authorize", "token_endpoint": f"{url}/token",
                "jwks_uri": f"{url}/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            })  # fmt: skip
        elif place.path == "/keys":
            self._tell({"keys": [self.server.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]})
        elif place.path == "/authorize":
            code = secrets.token_hex(8)
            self.server.nonces[code] = asked.get("nonce", [""])[0]
            self.send_response(302)
            back = urlencode({"code": code, "state": asked["state"][0]})
            self.send_header("Location", f"{asked['redirect_uri'][0]}?{back}")
            self.end_headers()

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = int(time.time())
        claims = self.server.claims | {
            "iss": self.server.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600,
            "nonce": self.server.nonces.pop(asked["code"][0]),
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.server.key)
        self._tell({"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _tell(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, publish_run: Callable[..., Path], provider: Provider
) -> Iterator[str]:
    """Address of dashboards with that provider configured."""
    link = publish_run(tmp_path_factory.mktemp("published"), "20261031T0600")
    folder = tmp_path_factory.mktemp("config")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    cookie = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    (folder / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "{url}/oauth2callback"\ncookie_secret = "{cookie}"\nclient_id = "{CLIENT}"\n'
        f'client_secret = "{secrets.token_hex(16)}"\n'
        f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
    )
    policy = (REPOSITORY / "dashboards" / "access_policy.yaml").read_text(encoding="utf-8")
    people = "users:\n  Carl@Example.com: {role: company_controller, rows: {companies: ['erp:2']}}\n"
    groups = "groups:\n  finance-leads: {role: cfo}\n"
    (folder / "access_policy.yaml").write_text(
        policy.replace("users: {}\n", people).replace("groups: {}\n", groups), encoding="utf-8"
    )
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.port", str(port),
         "--server.address", "localhost", "--secrets.files", str(folder / "secrets.toml")],
        cwd=REPOSITORY,
        env=os.environ
        | {
            "SETTLEHOUSE_PUBLISHED": str(link.absolute()),
            "SETTLEHOUSE_ACCESS_POLICY": str(folder / "access_policy.yaml"),
            "SETTLEHOUSE_ACCESS_LOG": str(folder / "logs"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=2)
                break
            except OSError:
                assert server.poll() is None, "the dashboards did not start"
                assert time.monotonic() < deadline, "the dashboards did not answer within a minute"
                time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def sign_in(browser: Any, address: str, provider: Provider, claims: dict[str, Any], locale: str = "en-GB") -> Any:
    """The page that ``claims`` sees after signing in."""
    provider.claims = claims
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale).new_page()
    page.goto(address)
    page.get_by_role("button", name="Sign in" if locale == "en-GB" else "登录").click(timeout=30_000)
    page.get_by_role("button", name="Sign out" if locale == "en-GB" else "退出登录").wait_for(timeout=30_000)
    return page


def shown(page: Any, name: str) -> list[str]:
    """The figures on the cards, once the page is still; leaves a screenshot."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
    page.wait_for_timeout(600)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))
    return page.get_by_test_id("stMetricValue").all_inner_texts()


def test_before_signing_in_nothing_is_shown(browser: Any, address: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
    page.goto(f"{address}/receivables?company=erp:1")
    page.get_by_role("button", name="Sign in").wait_for(timeout=30_000)
    assert shown(page, "sign_in_en") == []
    assert page.get_by_role("link", name="Receivables aging").count() == 0
    page.context.close()


def test_two_people_see_what_is_theirs_from_one_server(browser: Any, address: str, provider: Provider) -> None:
    lead = sign_in(browser, address, provider, {"email": "eva@example.com", "groups": ["staff", "finance-leads"]})
    everything = shown(lead, "signed_in_cfo_en")
    assert everything[0] == "450,000"
    carl = sign_in(
        browser, address, provider, {"email": "carl@example.com", "email_verified": True, "name": "Carl *B*"}
    )
    assert shown(carl, "signed_in_controller_en")[0] == "200,000"
    assert carl.get_by_text("Carl *B*").count() == 1
    lead.reload()
    lead.get_by_test_id("stMetricValue").first.wait_for(timeout=30_000)
    assert shown(lead, "signed_in_cfo_en") == everything
    carl.goto(f"{address}/forecast")
    carl.get_by_text("This page is not open to the role Company controller").wait_for(timeout=30_000)
    assert shown(carl, "page_closed_en") == []
    for page in (lead, carl):
        page.context.close()


def test_a_stranger_and_who_signs_out_see_nothing(browser: Any, address: str, provider: Provider) -> None:
    page = sign_in(browser, address, provider, {"email": "stranger@example.com"}, locale="zh-CN")
    page.get_by_text("没有角色").wait_for(timeout=30_000)
    assert shown(page, "stranger_zh") == []
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="登录", exact=True).wait_for(timeout=30_000)
    page.context.close()
