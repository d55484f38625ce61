"""A bad value in the environment is named, with what was expected; nothing is guessed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from integram import env
from integram.env import BadSetting

ROOT = Path(__file__).resolve().parents[2]


def test_a_variable_set_to_nothing_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "  ")
    assert env.text("X", "default") == "default"
    assert env.integer("X", 7, minimum=1, maximum=9) == 7
    assert env.flag("X", True) is True
    assert env.words("X", ["a"]) == ["a"]
    assert env.database("X") is None
    assert env.redis_url("X") == ""


@pytest.mark.parametrize("raw", ["0", "65536", "80a", "8000.0", "-1"])
def test_a_port_that_is_none_is_refused_by_name(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", raw)
    with pytest.raises(BadSetting) as error:
        env.integer("PORT", 8000, minimum=1, maximum=65535)
    assert str(error.value) == f"PORT={raw!r}: expected a whole number from 1 to 65535."


@pytest.mark.parametrize(("raw", "value"), [("1", True), ("YES", True), ("on", True), ("0", False), ("False", False)])
def test_flags_are_read_in_the_usual_spellings(raw: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", raw)
    assert env.flag("DEBUG", not value) is value


def test_a_flag_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(BadSetting, match="DEBUG='maybe': expected 1 or 0"):
        env.flag("DEBUG", False)


def test_hosts_are_parted_by_commas_and_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example  c.example,")
    assert env.words("ALLOWED_HOSTS", []) == ["a.example", "b.example", "c.example"]


def test_an_unknown_time_zone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_ZONE", "Europe/Moskau")
    with pytest.raises(BadSetting, match="Europe/Moscow"):
        env.time_zone("TIME_ZONE", "Europe/Moscow")


def test_a_directory_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "a" / "b"))
    assert env.directory("VAR_DIR", tmp_path).is_dir()


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file" / "var"))
    with pytest.raises(BadSetting, match="VAR_DIR"):
        env.directory("VAR_DIR", tmp_path)


def test_a_database_url_is_read_as_libpq_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:p%40ss@db.example:6432/shop?sslmode=require")
    settings = env.database("DATABASE_URL")
    assert settings is not None
    assert (settings["NAME"], settings["USER"], settings["PASSWORD"]) == ("shop", "ann", "p@ss")
    assert (settings["HOST"], settings["PORT"]) == ("db.example", "6432")
    assert settings["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("raw", ["mysql://u:hidden@h/d", "postgresql://u:hidden@h:5432/d?nonsense=1", "hidden"])
def test_a_bad_database_url_is_refused_without_showing_its_password(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", raw)
    with pytest.raises(BadSetting) as error:
        env.database("DATABASE_URL")
    assert "postgresql://user:password@localhost:5432/integram" in str(error.value)
    assert "hidden" not in str(error.value)


def test_a_bad_redis_url_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "localhost:6379")
    with pytest.raises(BadSetting, match="redis://localhost:6379/0"):
        env.redis_url("REDIS_URL")


def test_a_command_says_the_bad_value_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "PORT": "eighty"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "Integram cannot start: PORT='eighty': expected a whole number from 1 to 65535.\n"
