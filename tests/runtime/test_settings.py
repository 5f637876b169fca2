"""Settings: the file, then the environment; every mistake is told at once, with the words that would be right."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from zhongtai.runtime import settings
from zhongtai.runtime.configuration import SettingsInvalid, leaves
from zhongtai.runtime.settings import Settings, load

WRITE_ANEW = "python -c 'from zhongtai.runtime import settings; print(settings.documentation(), end=str())'"
POSTGRES = "postgresql+psycopg://bank:secret@db/{}"


def wrong(tmp_path: Path, toml: str = "", **environment: str) -> str:
    """What is said of settings that do not hold."""
    with pytest.raises(SettingsInvalid) as refused:
        loaded(tmp_path, toml, **environment).check()
    return refused.value.problems


def loaded(tmp_path: Path, toml: str = "", **environment: str) -> Settings:
    path = tmp_path / "bank.toml"
    path.write_text(toml, encoding="utf-8")
    return load({"ZHONGTAI_SETTINGS": str(path), "HOME": "/root", **environment})


def test_without_a_word_everything_runs_on_this_machine() -> None:
    found = load({}).check()
    assert found == Settings()
    assert found.mounted == tuple(found.placements)
    assert found.database_url("credit") == "sqlite:///data/credit.db"
    assert found.key_file() == Path("data/signing_keys.json")


def test_the_file_is_read_and_the_environment_has_the_last_word(tmp_path: Path) -> None:
    toml = """
        http_port = 9000
        data = "/var/lib/zhongtai"
        [credit]
        database_url = "postgresql+psycopg://file"
        grpc_port = 9102
        [telemetry]
        sampling = 1
    """
    found = loaded(
        tmp_path, toml, ZHONGTAI_HTTP_PORT="9001", ZHONGTAI_CREDIT_DATABASE_URL=POSTGRES, ZHONGTAI_RISK_MOUNTED="false"
    )
    assert found.http_port == 9001
    assert found.data == Path("/var/lib/zhongtai")
    assert (found.database_url("credit"), found.credit.grpc_port) == (POSTGRES, 9102)
    assert found.database_url("risk") == "sqlite:////var/lib/zhongtai/risk.db"
    assert found.telemetry.sampling == 1
    assert "risk" not in found.mounted
    assert found.marketing == Settings().marketing


@pytest.mark.parametrize(
    ("toml", "environment", "said"),
    [
        ("htp_port = 1", {}, "htp_port: there is no such setting; did you mean http_port?"),
        ("[credit]\ndatabase = 'x'", {}, "credit.database: there is no such setting; did you mean credit.database_url"),
        ("[crdit]\nmounted = true", {}, "did you mean credit.mounted"),
        ("http_port = '80'", {}, "http_port = '80': must be a whole number from 0 to 65535"),
        ("http_port = true", {}, "http_port = True: must be a whole number"),
        ("http_port = 65536", {}, "from 0 to 65535"),
        ("http_port = [80]", {}, "must be a whole number"),
        ("environment = 'prod'", {}, "must be one of development, test, production"),
        ("data = ''", {}, "data = '': must be a path"),
        ("credit = 5", {}, "credit: there is no such setting"),
        ("[telemetry]\nsampling = 1.5", {}, "must be a number from 0 to 1"),
        (
            "",
            {"ZHONGTAI_HTP_PORT": "1"},
            "ZHONGTAI_HTP_PORT: there is no such setting; did you mean ZHONGTAI_HTTP_PORT",
        ),
        ("", {"ZHONGTAI_HTTP_PORT": "eighty"}, "ZHONGTAI_HTTP_PORT = 'eighty': must be a whole number"),
        ("", {"ZHONGTAI_RISK_MOUNTED": "perhaps"}, "must be true or false"),
        ("", {"ZHONGTAI_LOG_LEVEL": "LOUD"}, "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("http_port = ", {}, "is no TOML"),
    ],
)
def test_a_mistake_is_told_with_the_right_words(
    tmp_path: Path, toml: str, environment: dict[str, str], said: str
) -> None:
    assert said in wrong(tmp_path, toml, **environment)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    said = wrong(tmp_path, "one = 1\nhttp_port = 'x'", ZHONGTAI_TWO="2")
    assert all(name in said for name in ("one:", "http_port", "ZHONGTAI_TWO"))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsInvalid, match=r"nowhere\.toml: cannot be read"):
        load({"ZHONGTAI_SETTINGS": "nowhere.toml"})


def test_what_is_embedded_does_not_start_in_production(tmp_path: Path) -> None:
    said = wrong(tmp_path, "environment = 'production'")
    for setting in (
        "credit.database_url",
        "gateway.database_url",
        "nats.url",
        "security.key_file",
        "security.ledger_key_file",
    ):
        assert f"set {setting}" in said


def test_what_is_not_embedded_starts_in_production(tmp_path: Path) -> None:
    toml = "environment = 'production'\n[nats]\nurl = 'nats://n1:4222'\n[security]\nkey_file = '/run/secrets/keys'\n"
    toml += "ledger_key_file = '/run/ledger/keys'\n"
    toml += "".join(f"[{name}]\ndatabase_url = '{POSTGRES.format(name)}'\n" for name in Settings().placements)
    assert loaded(tmp_path, toml).check().embedded() == ()
    alone = loaded(tmp_path, toml.replace(POSTGRES.format("risk"), ""))
    assert alone.embedded() == ("the store of risk is SQLite: set risk.database_url",)
    assert alone.only(["credit"]).check().mounted == ("credit",)


def test_one_service_alone_needs_no_address_of_the_others() -> None:
    alone = load({}).only(["credit"])
    assert alone.check().mounted == ("credit",)
    with pytest.raises(SettingsInvalid, match="krdit: no such service; there are marketing, credit"):
        load({}).only(["krdit"])


def test_a_gateway_needs_to_know_where_the_others_are() -> None:
    environment = {"ZHONGTAI_RISK_MOUNTED": "false", "ZHONGTAI_CREDIT_ADDRESS": "credit:7102"}
    with pytest.raises(SettingsInvalid, match=r"risk runs elsewhere: set risk\.address"):
        load(environment).check()
    found = load(environment | {"ZHONGTAI_RISK_ADDRESS": "risk:7104"}).check()
    # Credit has an address as well, but is mounted here: it is called in process.
    assert found.addresses == {"risk": "risk:7104"}


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    found = loaded(tmp_path, ZHONGTAI_CREDIT_DATABASE_URL=POSTGRES, ZHONGTAI_NATS_URL="nats://user:secret@n1")
    assert "secret" not in repr(found)


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().http_port = 1  # type: ignore[misc]


def test_every_setting_is_in_the_list_with_a_sentence() -> None:
    listed = settings.documentation()
    for leaf in leaves(Settings()):
        assert leaf.says.endswith(".")
        assert f"| `{leaf.name}` | `{leaf.variable}` | {leaf.wanted} |" in listed
    assert len({leaf.variable for leaf in leaves(Settings())}) == len(list(leaves(Settings())))
    assert "| `http_port` | `ZHONGTAI_HTTP_PORT` | a whole number from 0 to 65535 | `8080` |" in listed


def test_the_list_in_the_repository_is_the_one_of_the_code() -> None:
    path = Path(settings.__file__).with_name("SETTINGS.md")
    assert path.read_text(encoding="utf-8") == settings.documentation(), f"write it anew: {WRITE_ANEW} > {path}"
