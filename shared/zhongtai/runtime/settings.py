"""The settings of the platform: one typed tree, from a TOML file, then from the environment.

    ZHONGTAI_SETTINGS=bank.toml ZHONGTAI_CREDIT_DATABASE_URL=postgresql+psycopg://... zhongtai serve

The defaults run everything on one machine. What is embedded by default refuses to start where
`environment = "production"`.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

from zhongtai.runtime import configuration
from zhongtai.runtime.configuration import SettingsInvalid, setting
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.errors import BODY_BYTES
from zhongtai.runtime.streams import WINDOW

FILE_VARIABLE = "ZHONGTAI_SETTINGS"
# Where tests find the acceptance data: no setting of the platform, yet no mistake either.
CASES_VARIABLE = "ZHONGTAI_CASES"
PRODUCTION = "production"
# The service whose ledger is sealed.
LEDGER = "operations"

_ABOUT = """\
Written from `settings.py`. They are read from the TOML file that `ZHONGTAI_SETTINGS` names, where `credit.grpc_port`
stands as `grpc_port` under `[credit]`; then from the environment, which has the last word. An unknown name or a wrong
value is refused with the words that would be right."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a door takes."""

    body_bytes: int = setting(BODY_BYTES, "The largest request a door takes, in bytes.", low=1024, high=1 << 30)
    concurrent_calls: int = setting(
        512, "How many calls a door works on at once; more are refused and told when to come back.", low=1
    )
    longest_call_seconds: float = setting(30.0, "The longest a call may take, whatever its caller allows.", low=0.1)
    concurrent_streams: int = setting(
        16, "How many streams of requests a door works on at once; more are refused and told when to come back.", low=1
    )
    stream_window: int = setting(
        WINDOW, "How many requests of one stream are worked on at once; the others wait to be read.", low=1
    )
    stream_requests: int = setting(1_000_000, "How many requests one stream may bring.", low=1)
    stream_idle_seconds: float = setting(60.0, "How long a stream may bring nothing, in seconds.", low=0.1)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one service is and what it stands on."""

    grpc_port: int = setting(0, "The port of its gRPC door; 0 takes a free one.", low=0, high=65535)
    mounted: bool = setting(True, "Whether it runs in this process.")
    address: str = setting("", "Where it listens when it runs elsewhere, `host:port`.")
    database_url: str = setting(
        "", "Its store, `postgresql+psycopg://…`; not set means an SQLite file in the data folder.", secret=True
    )


@dataclass(frozen=True, slots=True)
class Nats:
    """The bus."""

    url: str = setting("", "The NATS servers, by commas; not set means one that starts with the platform.", secret=True)
    port: int = setting(
        4222, "The port of the one that starts with the platform; 0 takes a free one.", low=0, high=65535
    )
    replicas: int = setting(1, "On how many servers each stream is kept; a cluster of three takes 3.", low=1, high=5)


@dataclass(frozen=True, slots=True)
class Security:
    """Who is believed."""

    key_file: str = setting("", "The file with the signing keys (JWK set); not set means one made in the data folder.")
    ledger_key_file: str = setting(
        "", "The file with the keys that seal the ledger (JWK set); not set means one made in the data folder."
    )
    token_seconds: int = setting(900, "How long an access token is good, in seconds.", low=1, high=86_400)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Traces and figures."""

    endpoint: str = setting("", "The OpenTelemetry collector, `http://host:4317`; not set means no telemetry.")
    sampling: float = setting(0.01, "The share of traces that are kept.", low=0, high=1)


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the gateway does by itself."""

    run: bool = setting(True, "Whether this process runs jobs when it holds their lease.")
    settle_seconds: float = setting(
        300.0, "How long after the bank has left a date its jobs begin, so that its last events are applied.", low=0
    )


@dataclass(frozen=True, slots=True)
class Notifications:
    """How messages leave."""

    send: bool = setting(True, "Whether this process sends what is due where operations is mounted.")
    mail_server: str = setting(
        "",
        "The mail server, `smtp+starttls://user:password@host:587`, also smtps or smtp; not set means no e-mail.",
        secret=True,
    )
    sender: str = setting("bank@example.com", "The address that e-mails come from.")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a bank may set."""

    environment: Literal["development", "test", "production"] = setting(
        "development", "Which environment this is; in production nothing embedded starts."
    )
    data: Path = setting(Path("data"), "The folder of everything that is kept on this machine.")  # noqa: RUF009 - a path never changes
    host: str = setting("127.0.0.1", "The address the doors listen on.")
    http_port: int = setting(8080, "The port of the HTTP door; 0 takes a free one.", low=0, high=65535)
    language: Literal["en", "zh-CN"] = setting("en", "The language of what is said where a caller names none.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting("INFO", "The least that is logged.")
    limits: Limits = field(default_factory=Limits)
    nats: Nats = field(default_factory=Nats)
    security: Security = field(default_factory=Security)
    telemetry: Telemetry = field(default_factory=Telemetry)
    jobs: Jobs = field(default_factory=Jobs)
    notifications: Notifications = field(default_factory=Notifications)
    marketing: Placement = field(default_factory=partial(Placement, grpc_port=7101))
    credit: Placement = field(default_factory=partial(Placement, grpc_port=7102))
    operations: Placement = field(default_factory=partial(Placement, grpc_port=7103))
    risk: Placement = field(default_factory=partial(Placement, grpc_port=7104))
    asset_liability: Placement = field(default_factory=partial(Placement, grpc_port=7105))
    reporting: Placement = field(default_factory=partial(Placement, grpc_port=7106))
    gateway: Placement = field(default_factory=partial(Placement, grpc_port=7100))

    @property
    def placements(self) -> dict[str, Placement]:
        """Where each service is, by its name; the gateway is the last."""
        return {name: getattr(self, name) for name in PACKAGES}

    @property
    def mounted(self) -> tuple[str, ...]:
        """The services that run in this process."""
        return tuple(name for name, placement in self.placements.items() if placement.mounted)

    @property
    def addresses(self) -> dict[str, str]:
        """Where the services listen that run elsewhere."""
        return {
            name: placement.address
            for name, placement in self.placements.items()
            if placement.address and not placement.mounted
        }

    def database_url(self, service: str) -> str:
        """The URL of a service's store."""
        return self.placements[service].database_url or f"sqlite:///{self.data / f'{service}.db'}"

    def key_file(self) -> Path:
        """The file of the signing keys."""
        return Path(self.security.key_file) if self.security.key_file else self.data / "signing_keys.json"

    def ledger_key_file(self) -> Path:
        """The file of the keys that seal the ledger."""
        chosen = self.security.ledger_key_file
        return Path(chosen) if chosen else self.data / "ledger_keys.json"

    def ledger_seals_file(self) -> Path:
        """The file that seals of the ledger are published in."""
        return self.data / "ledger_seals.jsonl"

    def embedded(self) -> tuple[str, ...]:
        """What is embedded here, each with the setting that takes its place."""
        parts = [
            f"the store of {name} is SQLite: set {name}.database_url"
            for name in self.mounted
            if self.database_url(name).startswith("sqlite")
        ]
        if not self.nats.url:
            parts.append("NATS starts with the platform: set nats.url")
        if not self.security.key_file:
            parts.append("the signing keys are made here: set security.key_file")
        if LEDGER in self.mounted and not self.security.ledger_key_file:
            parts.append("the keys that seal the ledger are made here: set security.ledger_key_file")
        return tuple(parts)

    def only(self, services: Iterable[str]) -> "Settings":
        """The same settings with only these services mounted; raises `SettingsInvalid` for a name that is none."""
        wanted = set(services)
        if strangers := wanted - set(PACKAGES):
            known = ", ".join(PACKAGES)
            raise SettingsInvalid(problems=f"{', '.join(sorted(strangers))}: no such service; there are {known}")
        return replace(
            self,
            **{name: replace(placed, mounted=name in wanted) for name, placed in self.placements.items()},  # type: ignore[arg-type]
        )

    def check(self) -> "Settings":
        """These settings; raises `SettingsInvalid` with everything that does not go together."""
        problems = []
        if self.gateway.mounted:
            problems += [
                f"{name} runs elsewhere: set {name}.address"
                for name, placement in self.placements.items()
                if not placement.mounted and not placement.address
            ]
        if self.environment == PRODUCTION:
            problems += [f"{part} (environment = production)" for part in self.embedded()]
        if problems:
            raise SettingsInvalid(problems="; ".join(problems))
        return self


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, not yet checked: `load().only([...]).check()`.

    Raises `SettingsInvalid` with every unknown name and every wrong value at once.
    """
    variables = os.environ if environment is None else environment
    path = variables.get(FILE_VARIABLE, "")
    return configuration.read(
        Settings(), _file(Path(path)) if path else {}, variables, ignored=frozenset({FILE_VARIABLE, CASES_VARIABLE})
    )


def _file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(problems=f"{path}: cannot be read ({error.strerror})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(problems=f"{path}: is no TOML ({error})") from None


def documentation() -> str:
    """The list of settings as Markdown: what SETTINGS.md beside this module holds."""
    return f"# The settings\n\n{_ABOUT}\n\n{configuration.documentation(Settings())}"
