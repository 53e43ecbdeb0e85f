"""Settings: read once, typed, unsafe ones refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.settings import Settings, SettingsError, is_loopback


def test_without_variables_the_service_is_reachable_from_this_machine_only() -> None:
    """The defaults listen on loopback and let nobody else in."""
    settings = Settings.read({})
    assert (settings.host, settings.allow_remote, settings.home) == ("127.0.0.1", False, Path(".fenliu"))


def test_every_setting_is_read_from_its_variable() -> None:
    """Each field has a variable, and its text becomes the field's type."""
    settings = Settings.read(
        {
            "FENLIU_HOME": "/srv/fenliu", "FENLIU_HOST": "0.0.0.0", "FENLIU_PORT": "8080", "FENLIU_WORKERS": "4",
            "FENLIU_ALLOW_REMOTE": "1", "FENLIU_HOSTS": "fenliu.court, 10.0.0.9", "FENLIU_QUEUE": "9",
            "FENLIU_ADVICE_DAYS": "7", "FENLIU_BUSY_TIMEOUT_MS": "9000", "FENLIU_LOG_LEVEL": "debug",
            "FENLIU_RULES": "court.toml", "FENLIU_DATABASE": "postgresql://a@h/d",
            "FENLIU_DATABASE_OWNER": "postgresql://o@h/d", "FENLIU_MAC": "sm3", "FENLIU_CIPHER": "sm4",
            "FENLIU_HEADS": "/mnt/heads",
        },
    )  # fmt: skip
    assert settings == Settings(
        home=Path("/srv/fenliu"), host="0.0.0.0", port=8080, workers=4, allow_remote=True,
        hosts=("fenliu.court", "10.0.0.9"), queue=9, advice_days=7, busy_timeout_ms=9000, log_level="debug",
        rules=Path("court.toml"), database="postgresql://a@h/d", database_owner="postgresql://o@h/d", mac="sm3",
        cipher="sm4", heads=Path("/mnt/heads"),
    )  # fmt: skip


def test_an_address_others_can_reach_is_refused_without_permission() -> None:
    """There is no access control yet, so the unsafe address needs an explicit yes."""
    with pytest.raises(SettingsError, match=r"FENLIU_HOST='0\.0\.0\.0' .*FENLIU_ALLOW_REMOTE=1"):
        Settings.read({"FENLIU_HOST": "0.0.0.0"})


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"FENLIU_PORT": "eighty"}, "FENLIU_PORT 须为整数，收到 'eighty'"),
        ({"FENLIU_PORT": "0"}, "FENLIU_PORT 须在 1 至 65535 之间，收到 0"),
        ({"FENLIU_ALLOW_REMOTE": "perhaps"}, "FENLIU_ALLOW_REMOTE 须为 1 或 0，收到 'perhaps'"),
        ({"FENLIU_LOG_LEVEL": "loud"}, "FENLIU_LOG_LEVEL 须为 .*收到 'loud'"),
        ({"FENLIU_BUSY_TIMEOUT_MS": "10"}, "FENLIU_BUSY_TIMEOUT_MS 须在 1000"),
        ({"FENLIU_MAC": "md5"}, "FENLIU_MAC 须为 sha256、sm3 之一，收到 'md5'"),
        ({"FENLIU_CIPHER": "des"}, "FENLIU_CIPHER 须为 aes、sm4 之一，收到 'des'"),
        ({"FENLIU_WORKERS": "0"}, "FENLIU_WORKERS 须在 1"),
        ({"FENLIU_WATCH_RULES": "1"}, "FENLIU_WATCH_RULES 须与 FENLIU_RULES 一并设置"),
        ({"FENLIU_SIGNATURES": "2"}, "FENLIU_SIGNATURES 须与 FENLIU_SIGNERS 一并设置"),
        ({"FENLIU_DATABASE_OWNER": "postgresql://o@h/d"}, "FENLIU_DATABASE_OWNER 须与 FENLIU_DATABASE 一并设置"),
        ({"FENLIU_OIDC_CLIENT_ID": "x"}, "FENLIU_OIDC_CLIENT_ID 须与 FENLIU_OIDC_ISSUER 一并设置"),
        ({"FENLIU_PORT": "9300", "FENLIU_METRICS_PORT": "9300"}, "FENLIU_METRICS_PORT 与 FENLIU_PORT 同为 9300"),
    ],
)
def test_a_bad_value_is_named_with_what_was_received(variables: dict[str, str], said: str) -> None:
    """The message tells the variable, the value and what is allowed."""
    with pytest.raises(SettingsError, match=said):
        Settings.read(variables)


@pytest.mark.parametrize("name", ["FENLIU_DATABASE", "FENLIU_DATABASE_OWNER"])
def test_another_kind_of_database_is_refused_without_repeating_its_address(name: str) -> None:
    """Addresses hold passwords: neither the refusal nor the settings show them."""
    with pytest.raises(SettingsError, match=f"{name} 须为 postgresql://") as refusal:
        Settings.read({name: "mysql://root:geheim@h/d"})
    assert "geheim" not in str(refusal.value)
    good = {"FENLIU_DATABASE": "postgresql://a@h/d", name: "postgresql://a:geheim@h/d"}
    assert "geheim" not in repr(Settings.read(good))


def test_the_record_is_a_file_in_the_home_unless_a_database_is_named() -> None:
    """Keys and heads stay outside the database in either case."""
    plain = Settings(home=Path("/srv"))
    assert (plain.place, plain.key_folder, plain.heads_folder) == (
        Path("/srv/fenliu.db"), Path("/srv/keys"), Path("/srv/heads"),
    )  # fmt: skip
    assert Settings(database="postgresql://a@h/d").place == "postgresql://a@h/d"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True),
        ("::ffff:127.0.0.1", True), ("0.0.0.0", False), ("10.1.2.3", False), ("::", False), ("evil.example", False),
        ("", False), ("127.0.0.1.evil.example", False),
    ],
)  # fmt: skip
def test_only_loopback_addresses_count_as_this_machine(host: str, local: bool) -> None:
    """Names are not resolved: what is not plainly loopback is not trusted."""
    assert is_loopback(host) is local


def test_a_mistyped_setting_is_refused_with_the_one_that_was_meant() -> None:
    """It would silently not be made: a record would go to the wrong database. The value is not repeated."""
    with pytest.raises(SettingsError, match="不认识的设置 FENLIU_DATABSE；是否指 FENLIU_DATABASE") as refused:
        Settings.read({"FENLIU_DATABSE": "postgresql://a:secret@h/d"})
    assert "secret" not in str(refused.value)
    assert Settings.read({"FENLIU_LANG": "zh", "FENLIU_USER": "wang", "OTHER": "x"}) == Settings()
