"""Pages of the administration over the data of bench.rights, filled up to 60,000 guards: server time.

    .venv/bin/python -m bench.rights --build
    .venv/bin/python -m bench.admin_pages [--rounds 7]

Goal (issue 4): each list under 300 ms of server time. Asked through Django's test client: without the network.
"""

import argparse
import logging
import os
import statistics
import sys
import time
from contextlib import nullcontext
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")

import django
from django.conf import settings

from integram import embedded

GUARDS = 60_000
PAGES = {
    "guards": "/admin/rbac/guard/",
    "guards of rows": "/admin/rbac/guard/?kind=r",
    "guards of rows, last page": "/admin/rbac/guard/?kind=r&p=1000",
    "guards found by a word": "/admin/rbac/guard/?q=Заказы",
    "matrix of 500 filters and 20 roles": "/admin/rbac/guard/matrix/bench/",
    "why visible": "/admin/rbac/guard/why/bench/",
    "log of rights": "/admin/rbac/accesslog/",
    "users": "/admin/rbac/user/",
    "roles": "/admin/auth/group/",
    "tokens": "/admin/rbac/token/",
    "sessions": "/admin/rbac/session/",
}


def fill() -> None:
    """Guards of rows up to their number."""
    from django.db import connection

    from bench.dataset import FIRST, NODES, standing
    from bench.rights import GRANT_ROWS
    from qdm.models import Workspace
    from rbac.models import Guard, User

    lacking = GUARDS - Guard.objects.count()
    if lacking <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            GRANT_ROWS,
            {"workspace": Workspace.objects.get(slug="bench").pk, "first": FIRST, "nodes": NODES, "a": 7,
             "term": standing().term_id, "b": 7 + 20 * lacking, "step": 20, "user": User.objects.get(username="bench5").pk},
        )  # fmt: skip
        cursor.execute("vacuum analyze rbac_guard, rbac_guarduser")


def measure(rounds: int) -> str:
    from django.test import Client

    from rbac.models import AccessLog, Guard, User

    boss = User.objects.filter(username="benchboss").first() or User.objects.create_superuser("benchboss")
    client = Client(headers={"host": "localhost"})
    client.force_login(boss)
    lines = ["| page | ms |", "|---|---|"]
    for name, url in PAGES.items():
        spent = []
        if client.get(url).status_code != 200:
            raise SystemExit(f"{url} does not open")
        for _ in range(rounds):
            begun = time.perf_counter()
            client.get(url)
            spent.append((time.perf_counter() - begun) * 1000)
        lines.append(f"| {name} | {statistics.median(spent):.0f} |")
    lines += ["", f"{Guard.objects.count():,} guards, {AccessLog.objects.count():,} entries of the log. Goal: 300 ms."]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with embedded.running(settings.VAR_DIR) if settings.EMBEDDED else nullcontext():
        django.setup()
        logging.disable()
        from django.core.management import call_command

        from bench.report import write

        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        fill()
        write("Administration over 60,000 guards and 1,000,000 records", measure(options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
