"""Fixtures that several folders use: where the servers are, and data that lies beside the project."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared_data(relative: str) -> Path:
    """A file or folder of the data kept beside the project; the test skips, saying so, where it is absent."""
    path = SHARED / "data" / relative
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{relative}, which is not here")
    return path


def _no_server(reason: str) -> None:
    if os.environ.get("SETTLEHOUSE_TEST_SERVERS_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """URL of an empty PostgreSQL database of the test's own; skips, saying so, when no server answers."""
    import psycopg

    server = os.environ.get("SETTLEHOUSE_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError:
        _no_server("needs PostgreSQL: set SETTLEHOUSE_TEST_POSTGRESQL to a URL that may create databases")
    name = f"settlehouse_{uuid.uuid4().hex[:12]}"
    with connection:
        connection.execute(f"create database {name}")  # type: ignore[arg-type]
        try:
            yield server.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]


@pytest.fixture
def mariadb_url() -> Iterator[str]:
    """URL of an empty MariaDB database of the test's own; skips, saying so, when no server answers."""
    import pymysql

    server = urlsplit(os.environ.get("SETTLEHOUSE_TEST_MARIADB", "mysql://root@127.0.0.1:3306/test"))
    try:
        connection = pymysql.connect(
            host=server.hostname, port=server.port or 3306, user=server.username, password=server.password or ""
        )
    except pymysql.err.OperationalError:
        _no_server("needs MariaDB: set SETTLEHOUSE_TEST_MARIADB to a URL that may create databases")
    name = f"settlehouse_{uuid.uuid4().hex[:12]}"
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create database {name} character set utf8mb4")
        try:
            yield f"mysql://{server.netloc}/{name}"
        finally:
            cursor.execute(f"drop database {name}")
