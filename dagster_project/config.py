"""The one file that describes a group (company.yml), as typed settings.

Paths in it count from its own folder; secrets come only as ``${ENV_NAME}``; an unknown key is an error. Every error is
one line that names the file, the key and the allowed values, and never a secret.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dagster_project.contracts.layouts import Layout, known_systems, load_layout
from dagster_project.errors import SettlehouseError
from dagster_project.redaction import remember, remember_url

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_URL_SCHEMES = ("sqlite:///", "postgresql://", "mysql://", "mariadb://")


class ConfigError(SettlehouseError):
    """company.yml can't be used; the message is one line: file, key, what is wrong, what is allowed."""


class GroupSettings(BaseModel):
    """The group of companies as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    reporting_currency: str = Field(pattern=r"^[A-Z]{3}$")
    fiscal_year_start: str = Field(default="01-01", pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
    cash_floor: Decimal = Field(default=Decimal(0), ge=0)
    company_cash_floors: dict[str, Decimal] = Field(default_factory=dict)
    """Least cash of single companies, in their own currency, by company_id."""
    time_zone: str = "UTC"
    forecasts_kept_days: int = Field(default=120, ge=100)
    """Days for which the rows of every night's forecast are kept; of earlier months those of the last night. Bridges
    between forecasts reach back 13 weeks and some days."""

    @field_validator("company_cash_floors")
    @classmethod
    def _no_negative_floor(cls, value: dict[str, Decimal]) -> dict[str, Decimal]:
        for company_id, floor in value.items():
            if not floor.is_finite() or floor < 0:
                raise ValueError(f"the floor of '{company_id}' must be 0 or more, in the currency of its books")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not a time zone of the IANA database, such as Europe/Brussels")
        return value


class SourceSettings(BaseModel):
    """One operational system: ``url`` for databases, ``path`` for folders of files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    system: str
    url: str | None = None
    path: str | None = None
    expected_every_hours: int | None = Field(default=None, ge=1)
    """Longest time between two runs that find something new; beyond it an alert says that the source is stale."""

    @field_validator("system")
    @classmethod
    def _known_system(cls, value: str) -> str:
        if value not in known_systems():
            raise ValueError(f"'{value}' is not one of {', '.join(known_systems())}")
        return value


class StewardshipSettings(BaseModel):
    """Where the stewards' decisions are kept; by default in ``stewardship.db`` of home."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str


class EmailSettings(BaseModel):
    """Alerts by e-mail: ``server`` is smtp://, smtp+starttls:// or smtps://, with user and password where it asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: str
    sender: str = Field(pattern=r"^[^\s@,]+@[^\s@,]+$")
    recipients: list[str] = Field(min_length=1)

    @field_validator("recipients")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        for address in value:
            if not re.fullmatch(r"[^\s@,]+@[^\s@,]+", address):
                raise ValueError(f"'{address}' is not an address such as treasury@example.com")
        return value


class AlertSettings(BaseModel):
    """Who is told when something needs a person; ``webhook`` gets a POST with JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook: str | None = None
    email: EmailSettings | None = None


class DagsterSettings(BaseModel):
    """Where Dagster keeps its runs: ``storage`` is postgresql://…; by default files below home."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    storage: str


class LakeSettings(BaseModel):
    """Where runs are published beside the file: ``catalogue`` is postgresql://…, ``files`` a folder all can reach."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    catalogue: str
    files: str
    schema_: str = Field(default="marts", alias="schema", pattern=r"^[a-z][a-z0-9_]*$")
    """Where this group's tables stand; groups that share a lake have one each."""


class CompanyFile(BaseModel):
    """What company.yml may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: GroupSettings
    home: str = "var"
    sources: list[SourceSettings] = Field(min_length=1)
    stewardship: StewardshipSettings | None = None
    alerts: AlertSettings | None = None
    dagster: DagsterSettings | None = None
    lake: LakeSettings | None = None
    demo: bool = False

    @field_validator("sources")
    @classmethod
    def _distinct_names(cls, value: list[SourceSettings]) -> list[SourceSettings]:
        names = [source.name for source in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are named '{name}': each needs a name of its own")
        return value


@dataclass(frozen=True)
class Source:
    """A source ready to be opened: its layout known, its secrets filled in, its path absolute.

    ``secrets`` are the values that came from the environment, so that they can be blotted out of any message.
    """

    name: str
    layout: Layout
    url: str | None = field(repr=False)
    path: Path | None
    secrets: tuple[str, ...] = field(repr=False, default=())
    expected_every_hours: int | None = None


@dataclass(frozen=True)
class MailServer:
    """Where alerts are handed in; ``security`` is smtp (none), smtp+starttls or smtps."""

    security: str
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AlertChannels:
    """Where alerts go beside the log; secrets filled in."""

    webhook: str | None = field(default=None, repr=False)
    mail_server: MailServer | None = None
    sender: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lake:
    """A lake ready to be opened: secrets filled in, the folder absolute."""

    catalogue: str = field(repr=False)
    files: Path
    schema: str = "marts"


@dataclass(frozen=True)
class Settings:
    """Everything a run needs to know about the group; ``home`` is absolute.

    ``decisions`` is the URL of the stewards' decisions where company.yml gives one, ``dagster_storage`` that of
    Dagster's runs, secrets filled in. ``demo`` says that the figures are nobody's, so that the pages may be seen as
    anyone.
    """

    file: Path
    group: GroupSettings
    home: Path
    sources: tuple[Source, ...]
    decisions: str | None = field(default=None, repr=False)
    demo: bool = False
    alerts: AlertChannels = AlertChannels()
    dagster_storage: str | None = field(default=None, repr=False)
    lake: Lake | None = None

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def decisions_url(self) -> str:
        """Where the stewards' decisions are kept; outlives the warehouse."""
        return self.decisions or f"sqlite:///{self.home / 'stewardship.db'}"

    @property
    def decision_heads(self) -> Path:
        """Heads of the decision log, kept apart from the log itself."""
        return self.home / "stewardship.heads"

    def as_of_today(self) -> date:
        """Today in the group's time zone: the default of ``--as-of``."""
        from datetime import datetime
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo(self.group.time_zone)).date()


def load_settings(path: str | Path) -> Settings:
    """Read company.yml.

    Raises ConfigError with a one-line message for a missing file, broken YAML, an unknown key, a value that is not
    allowed, or a ``${NAME}`` that the environment does not have.
    """
    file = Path(path).resolve()
    if not file.is_file():
        raise ConfigError(f"{path}: no such file. Give the file that describes the group: --config company.yml")
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f", line {line + 1}" if line is not None else ""
        raise ConfigError(f"{path}{where}: not readable as YAML in UTF-8. Check indentation and quotes") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected the keys group, home and sources; see README, 'Your own systems'")
    try:
        content = CompanyFile.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_one_line(error)}") from None
    sources = tuple(_resolve(source, file) for source in content.sources)
    for source in sources:
        remember_url(source.url)
    return Settings(
        file=file,
        group=content.group,
        home=(file.parent / content.home).resolve(),
        sources=sources,
        decisions=_decisions_url(content.stewardship, file) if content.stewardship else None,
        demo=content.demo,
        alerts=_alert_channels(content.alerts, file) if content.alerts else AlertChannels(),
        dagster_storage=_dagster_storage(content.dagster, file) if content.dagster else None,
        lake=_lake(content.lake, file) if content.lake else None,
    )


def _one_line(error: ValidationError) -> str:
    # An unknown key first: it is usually the misspelling of one that then counts as missing.
    found = error.errors(include_url=False, include_input=False)
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        model: type[BaseModel] = CompanyFile
        if key.startswith("group."):
            model = GroupSettings
        elif key.startswith("stewardship."):
            model = StewardshipSettings
        elif key.startswith("alerts.email."):
            model = EmailSettings
        elif key.startswith("alerts."):
            model = AlertSettings
        elif key.startswith("dagster."):
            model = DagsterSettings
        elif key.startswith("lake."):
            model = LakeSettings
        elif key.startswith("sources."):
            model = SourceSettings
        allowed = [one.alias or name for name, one in model.model_fields.items()]
        return f"unknown key '{key}'. Allowed here: {', '.join(allowed)}"
    if first["type"] == "missing":
        return f"key '{key}' is missing"
    message = first["msg"].removeprefix("Value error, ")
    return f"key '{key}': {message}"


def _filled(text: str, file: Path, who: str, secrets: list[str]) -> str:
    """``text`` with every ``${NAME}`` filled in from the environment; the values are added to ``secrets``."""

    def value_of(match: re.Match[str]) -> str:
        value = os.environ.get(match.group(1))
        if value is None:
            raise ConfigError(
                f"{file.name}: {who} needs the environment variable {match.group(1)}, "
                "which is not set. Export it and run again"
            )
        secrets.append(value)
        return value

    return _VARIABLE.sub(value_of, text)


def _decisions_url(stewardship: StewardshipSettings, file: Path) -> str:
    url = _filled(stewardship.url, file, "stewardship", [])
    remember_url(url)
    if url.startswith("sqlite:///"):
        return f"sqlite:///{(file.parent / url.removeprefix('sqlite:///')).resolve()}"
    if not url.startswith("postgresql://"):
        raise ConfigError(f"{file.name}: key 'stewardship.url' must start with one of sqlite:///, postgresql://")
    return url


def _dagster_storage(dagster: DagsterSettings, file: Path) -> str:
    url = _filled(dagster.storage, file, "dagster", [])
    remember_url(url)
    if not url.startswith("postgresql://"):
        raise ConfigError(f"{file.name}: key 'dagster.storage' must start with postgresql://, or be left out")
    return url


def _lake(lake: LakeSettings, file: Path) -> Lake:
    catalogue = _filled(lake.catalogue, file, "lake", [])
    remember_url(catalogue)
    if not catalogue.startswith("postgresql://"):
        raise ConfigError(f"{file.name}: key 'lake.catalogue' must start with postgresql://")
    return Lake(catalogue, (file.parent / lake.files).resolve(), lake.schema_)


def _alert_channels(alerts: AlertSettings, file: Path) -> AlertChannels:
    webhook = None
    if alerts.webhook is not None:
        webhook = _filled(alerts.webhook, file, "alerts", [])
        at = urlsplit(webhook)
        if at.scheme not in ("http", "https") or not at.hostname:
            raise ConfigError(f"{file.name}: key 'alerts.webhook' must start with http:// or https:// and name a host")
        # Whoever knows the address may post there: what follows the host is as good as a password.
        remember_url(webhook)
        remember(webhook, at.query, *(part for part in at.path.split("/") if len(part) >= 12))
    if alerts.email is None:
        return AlertChannels(webhook)
    server = _filled(alerts.email.server, file, "alerts", [])
    remember_url(server)
    at = urlsplit(server)
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    try:
        port = at.port or ports.get(at.scheme, 0)
    except ValueError:
        port = 0
    if at.scheme not in ports or not at.hostname or not port:
        raise ConfigError(
            f"{file.name}: key 'alerts.email.server' must be {', '.join(f'{scheme}://host:port' for scheme in ports)}"
        )
    user, password = (unquote(part) if part else None for part in (at.username, at.password))
    return AlertChannels(
        webhook,
        MailServer(at.scheme, at.hostname, port, user, password),
        alerts.email.sender,
        tuple(alerts.email.recipients),
    )


def _resolve(source: SourceSettings, file: Path) -> Source:
    layout = load_layout(source.system)
    secrets: list[str] = []

    def fill(text: str) -> str:
        return _filled(text, file, f"source '{source.name}'", secrets)

    if layout.kind == "sql":
        if not source.url or source.path:
            raise ConfigError(f"{file.name}: source '{source.name}' ({source.system}) needs url, and no path")
        url = fill(source.url)
        if not url.startswith(_URL_SCHEMES):
            raise ConfigError(
                f"{file.name}: source '{source.name}': url must start with one of {', '.join(_URL_SCHEMES)}"
            )
        if url.startswith("sqlite:///"):
            url = f"sqlite:///{(file.parent / url.removeprefix('sqlite:///')).resolve()}"
        return Source(source.name, layout, url, None, tuple(secrets), source.expected_every_hours)
    if not source.path or source.url:
        raise ConfigError(f"{file.name}: source '{source.name}' ({source.system}) needs path (a folder), and no url")
    folder = (file.parent / fill(source.path)).resolve()
    return Source(source.name, layout, None, folder, tuple(secrets), source.expected_every_hours)
