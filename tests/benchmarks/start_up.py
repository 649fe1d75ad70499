"""How long `dagster dev` takes until its page shows the jobs: python tests/benchmarks/start_up.py [--times N]

Asked: at most 30 s. The first start parses the dbt project, later ones find it parsed. Up means that the web server
answers and says that the code location is loaded, with the job and its schedule; the daemon starts beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
ASKED_SECONDS = 30
QUERY = """{ workspaceOrError { ... on Workspace { locationEntries { loadStatus locationOrLoadError {
    ... on RepositoryLocation { repositories { jobs { name } schedules { name } sensors { name } } } } } } } }"""


def seconds_until_up(config: Path, home: Path) -> tuple[float, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "dagster", "dev", "-m", "dagster_project.definitions", "-h", "127.0.0.1",
         "-p", str(port)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env=os.environ
        | {"SETTLEHOUSE_CONFIG": str(config), "DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "yes"},
    )  # fmt: skip
    try:
        while True:
            try:
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}/graphql",
                    json.dumps({"query": QUERY}).encode(),
                    {"Content-Type": "application/json"},
                )
                with urllib.request.urlopen(request, timeout=30) as answer:
                    (entry,) = json.load(answer)["data"]["workspaceOrError"]["locationEntries"]
                if entry["loadStatus"] == "LOADED":
                    (found,) = entry["locationOrLoadError"]["repositories"]
                    return time.perf_counter() - started, ", ".join(
                        f"{len(found[kind])} {kind}" for kind in ("jobs", "schedules", "sensors")
                    )
            except OSError:
                assert server.poll() is None, "dagster dev ended"
            time.sleep(0.2)
    finally:
        server.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(30)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def main() -> None:
    from dagster_project.cli import dagster_home
    from dagster_project.config import load_settings

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, "-m", "dagster_project.cli", "demo", "--folder", folder, "--scale", "0.01"]
        subprocess.run(demo, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        config = Path(folder) / "company.yml"
        home = dagster_home(load_settings(config))
        for number in range(asked.times):
            load = os.getloadavg()[0]
            seconds, found = seconds_until_up(config, home)
            print(f"{'first' if number == 0 else 'later':<6} {seconds:5.1f} s (asked: {ASKED_SECONDS})  {found}; "
                  f"load of the machine {load:.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
