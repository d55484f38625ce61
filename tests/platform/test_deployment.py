"""The files for containers hold together: no engine is needed to see that."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> list[list[str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(line, comments=True) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_services_are_web_worker_postgresql_and_redis(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"web", "worker", "postgres", "redis"}


def test_web_and_worker_are_one_image(compose: dict[str, Any]) -> None:
    web, worker = compose["services"]["web"], compose["services"]["worker"]
    assert web["image"] == worker["image"]
    assert web["environment"] == worker["environment"]


def test_every_service_is_checked_and_what_it_needs_is_waited_for(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"], name
        for needed, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}, (name, needed)


def test_data_lies_in_named_volumes(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "postgres"):
        for volume in compose["services"][name]["volumes"]:
            assert volume.partition(":")[0] in compose["volumes"]


def test_secrets_come_from_the_environment_and_must_be_set(compose: dict[str, Any]) -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert not re.findall(rf"\${{?{name}(?!:\?)\b", text), f"{name} without a check"
        assert re.search(rf"^{name}=$", EXAMPLE, re.MULTILINE), f"{name} in .env.example"
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_compose_itself_takes_the_file(tmp_path: Path) -> None:
    """With the example as it is filled in; without the secrets it says which one is missing."""
    command = _compose_command()
    if command is None:
        pytest.skip("neither `docker compose` nor docker-compose is here")
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    (tmp_path / ".env").write_text(EXAMPLE, encoding="utf-8")
    refused = subprocess.run([*command, "config"], cwd=tmp_path, capture_output=True, text=True)
    assert refused.returncode != 0
    assert "set it in .env" in refused.stderr
    filled = re.sub(r"^(SECRET_KEY|POSTGRES_PASSWORD)=$", rf"\1={'x' * 50}", EXAMPLE, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(filled, encoding="utf-8")
    taken = subprocess.run([*command, "config"], cwd=tmp_path, capture_output=True, text=True)
    assert taken.returncode == 0, taken.stderr
    services = yaml.safe_load(taken.stdout)["services"]
    assert services["web"]["environment"]["DATABASE_URL"].startswith(f"postgresql://integram:{'x' * 50}@postgres")


def _compose_command() -> list[str] | None:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0:
            return command
    return None


def test_the_image_does_not_run_as_root(dockerfile: list[list[str]]) -> None:
    users = [words[1] for words in dockerfile if words[0] == "USER"]
    assert users == ["integram"]


def test_what_the_image_copies_is_there(dockerfile: list[list[str]]) -> None:
    for words in dockerfile:
        if words[0] == "COPY":
            for source in words[1:-1]:
                assert (ROOT / source).exists(), source


def test_the_commands_of_the_containers_are_commands_of_manage_py(
    compose: dict[str, Any], dockerfile: list[list[str]]
) -> None:
    from django.core.management import get_commands

    commands = [compose["services"]["worker"]["command"], compose["services"]["worker"]["healthcheck"]["test"][1:]]
    commands.append([word.strip("[],") for word in dockerfile[-1][1:]])
    for command in commands:
        assert command[:2] == ["python", "manage.py"]
        assert command[2] in get_commands()


def test_every_variable_that_is_read_is_in_the_example() -> None:
    settings = (ROOT / "integram" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    assert len(read) > 10
    assert {name for name in read if not re.search(rf"^(# )?{name}=", EXAMPLE, re.MULTILINE)} == set()
