"""A standalone Spark cluster on this machine: a master and workers, each a process of its own, as on many machines."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

ADDRESS = "127.0.0.1"


def java_missing() -> str:
    """Why no cluster can start here; empty when one can."""
    if shutil.which("java") is None:
        return "needs Java 17 (java is not on the path)"
    if find_spec("pyspark") is None:
        return "needs pyspark and dbt-spark: make test-spark installs them"
    return ""


@dataclass
class Cluster:
    """Master and workers; a context that ends every process it started."""

    folder: Path
    workers: int = 2
    worker_memory_mb: int = 1400
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Cluster:
        self.port = _free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start("master", "master.Master", "--port", str(self.port), "--webui-port", "0")
            _wait_for(self.port)
            for number in range(self.workers):
                self._start(
                    f"worker-{number}", "worker.Worker", "-c", "1", "-m", f"{self.worker_memory_mb}m",
                    "--webui-port", "0", "-d", str(self.folder / f"worker-{number}"), self.url,
                )  # fmt: skip
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            _end(process)

    @property
    def url(self) -> str:
        return f"spark://{ADDRESS}:{self.port}"

    def kill_worker(self, number: int) -> None:
        """SIGKILL to a worker and the executors it started, as when its machine loses power."""
        _end(self._processes[1 + number])

    def workers_alive(self) -> int:
        return sum(process.poll() is None for process in self._processes[1:])

    def _start(self, name: str, main: str, *arguments: str) -> None:
        import pyspark

        home = Path(pyspark.__file__).parent
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": ADDRESS,
            "SPARK_DAEMON_MEMORY": "256m",
            "PYSPARK_PYTHON": sys.executable,
        }
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}", "--host", ADDRESS, *arguments]
        with (self.folder / f"{name}.log").open("wb") as log:
            # A session of its own: what it starts (executors) ends with it.
            self._processes.append(
                subprocess.Popen(
                    command,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    cwd=self.folder,
                    start_new_session=True,
                )
            )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((ADDRESS, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
