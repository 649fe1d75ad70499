"""Dashboards and Dagster as two child processes that start and stop together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path
from types import FrameType

from dagster_project.cli import dagster_home
from dagster_project.config import Settings, load_settings
from dagster_project.contracts.layouts import PROJECT_ROOT
from dagster_project.errors import SettlehouseError
from dagster_project.publishing.publish import CURRENT

log = logging.getLogger("settlehouse")

START_WITHIN_SECONDS = 120
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve_until_stopped(config_file: Path, *, host: str, port: int, dagster_port: int) -> None:
    """Start both, print their addresses once they answer, and stop both at Ctrl-C or when one of them ends.

    Raises SettlehouseError when a port is taken, a server does not come up, or it cannot be told who may see what.
    """
    settings = load_settings(config_file)
    access = access_environment(settings, host)
    for name, wanted in (("--port", port), ("--dagster-port", dagster_port)):
        if _answers(host, wanted):
            raise SettlehouseError(f"port {wanted} on {host} is in use. Stop what uses it, or choose another {name}")
    home = dagster_home(settings)  # first: it may add to the environment
    environment = (
        os.environ
        | access
        | {
            "SETTLEHOUSE_CONFIG": str(config_file.resolve()),
            "SETTLEHOUSE_PUBLISHED": str(settings.published / CURRENT),
            "SETTLEHOUSE_DECISIONS": settings.decisions_url,
            "SETTLEHOUSE_DECISION_HEADS": str(settings.decision_heads),
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
        }
    )
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    commands = {
        "dashboards": [
            sys.executable, "-m", "streamlit", "run", str(PROJECT_ROOT / "dashboards" / "app.py"),
            "--server.address", host, "--server.port", str(port), "--server.headless", "true",
            "--browser.gatherUsageStats", "false",
        ],
        "dagster": [
            sys.executable, "-m", "dagster", "dev", "-m", "dagster_project.definitions",
            "-h", host, "-p", str(dagster_port),
        ],
    }  # fmt: skip
    signal.signal(signal.SIGTERM, _stop)  # as Ctrl-C: the children must not outlive us
    addresses = {"dashboards": (host, port), "dagster": (host, dagster_port)}
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            with (logs / f"{name}.log").open("ab") as output:
                children[name] = subprocess.Popen(
                    command, cwd=PROJECT_ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
                )
        for name, (at_host, at_port) in addresses.items():
            _wait(name, children[name], at_host, at_port, logs)
            log.info("serve    %-14s http://%s:%d", name, at_host, at_port)
        if settings.demo:
            log.info("         a demo: whoever opens the pages picks whose view to see")
        log.info("         stop both with Ctrl-C; logs in %s", logs)
        while all(child.poll() is None for child in children.values()):
            time.sleep(0.5)
        ended = next(name for name, child in children.items() if child.poll() is not None)
        raise SettlehouseError(f"{ended} ended by itself; see {logs / f'{ended}.log'}")
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=15)
            # Dagster's own children outlive it where it has to be killed; each of ours leads a process group.
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def access_environment(settings: Settings, host: str) -> dict[str, str]:
    """What the pages are told of who may see what: a sign-in, the demo's personas, or the person at this machine.

    Raises SettlehouseError where two of these are asked for at once, or other machines could read without a sign-in.
    """
    secrets = sign_in_file()
    if settings.demo and secrets:
        raise SettlehouseError(
            f"{settings.file} says demo: true, which lets anyone see the pages as anyone, and {secrets} has a sign-in "
            "([auth]). Take one of them away"
        )
    if not settings.demo and not secrets and host not in LOOPBACK:
        raise SettlehouseError(
            f"--host {host} lets other machines read, and no sign-in is configured. Put [auth] into "
            f"{PROJECT_ROOT / '.streamlit' / 'secrets.toml'} (README, 'Sign-in and scope'), or leave --host out"
        )
    own_policy = settings.file.parent / "access_policy.yaml"
    policy = os.environ.get("SETTLEHOUSE_ACCESS_POLICY", "") or (str(own_policy) if own_policy.exists() else "")
    if policy:
        check_policy(policy)
    return {
        "SETTLEHOUSE_PERSONAS": "1" if settings.demo else "",
        "SETTLEHOUSE_ACCESS_POLICY": policy,
        "SETTLEHOUSE_ACCESS_LOG": str(settings.home / "logs" / "access"),
    }


def sign_in_file() -> Path | None:
    """The file of Streamlit's secrets that has ``[auth]``, of those that the pages will read.

    Raises SettlehouseError for one that cannot be read: it may have it.
    """
    for folder in (Path.home(), PROJECT_ROOT, PROJECT_ROOT / "dashboards"):
        file = folder / ".streamlit" / "secrets.toml"
        if not file.exists():
            continue
        try:
            if "auth" in tomllib.loads(file.read_text(encoding="utf-8")):
                return file
        except (OSError, ValueError) as error:
            raise SettlehouseError(f"{file}: cannot be read as TOML ({str(error).splitlines()[0]})") from None
    return None


def check_policy(file: str) -> None:
    """Raises SettlehouseError with what is wrong with an access policy, in one line."""
    from dashboards.policy import PolicyError, read_policy

    try:
        read_policy(Path(file).read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettlehouseError(f"{file}: cannot be read ({type(error).__name__})") from None
    except PolicyError as error:
        raise SettlehouseError(str(error)) from None


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _wait(name: str, child: subprocess.Popen[bytes], host: str, port: int, logs: Path) -> None:
    until = time.monotonic() + START_WITHIN_SECONDS
    while not _answers(host, port):
        if child.poll() is not None or time.monotonic() > until:
            raise SettlehouseError(f"{name} did not come up; see {logs / f'{name}.log'}")
        time.sleep(0.3)


def _answers(host: str, port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex((host, port)) == 0
