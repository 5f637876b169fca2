"""The settings of each environment: every name is a setting, and nothing in them is a secret."""

from pathlib import Path

import pytest

from tests.deploy.rendering import DEPLOY
from zhongtai.runtime.configuration import SettingsInvalid
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.settings import FILE_VARIABLE, Settings, load

FILES = sorted((DEPLOY / "settings").glob("*/zhongtai.toml"))
SECRETS = {f"ZHONGTAI_{name.upper()}_DATABASE_URL": f"postgresql+psycopg://{name}@db/zhongtai" for name in PACKAGES}
SECRETS["ZHONGTAI_NATS_URL"] = "nats://nats:4222"


def read(file: Path, **environment: str) -> Settings:
    return load({FILE_VARIABLE: str(file), **environment})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_it_names_its_environment_and_every_service_starts_from_it(file: Path) -> None:
    settings = read(file, **SECRETS)
    assert settings.environment == file.parent.name
    for name in PACKAGES:
        alone = settings.only([name]).check()
        assert alone.embedded() == ()
        assert alone.mounted == (name,)
    gateway = settings.only(["gateway"])
    assert set(gateway.addresses) == set(PACKAGES) - {"gateway"}
    for name, address in gateway.addresses.items():
        assert address == f"{name.replace('_', '-')}:{getattr(settings, name).grpc_port}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_nothing_in_it_is_a_secret(file: Path) -> None:
    settings = read(file)
    assert not settings.nats.url
    assert not any(placement.database_url for placement in settings.placements.values())


def test_production_does_not_start_on_what_is_embedded() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read(DEPLOY / "settings" / "production" / "zhongtai.toml").only(["credit"]).check()
    assert "credit.database_url" in refused.value.problems
    assert "nats.url" in refused.value.problems
