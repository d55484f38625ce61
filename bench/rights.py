"""What rights cost: each call by people with rights of each kind, as a ratio to the same call by the owner.

    .venv/bin/python -m bench.rights --build [--size 1000000]     makes the records and the people
    .venv/bin/python -m bench.rights [--rounds 15]                measures them

200 users, 20 groups, 100,000 rows granted one by one. Goals (issue 4): a rule on an indexed column at most 1.5, up to
2,000 granted rows at most 3, 20,000 at most 10, hidden columns at most 1.05; Access itself under 5 ms with 500 guards.
All are asked in turn within one run. Needs nothing running: a database of its own under var/bench.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")

import django
from django.conf import settings

from integram import embedded

USERS, GROUPS, GRANTED, GUARDS = 200, 20, 100_000, 500
GRANT_ROWS = """
with made as (
    insert into rbac_guard (workspace_id, node_id, table_id, kind, rows, lock, label)
    select %(workspace)s, %(first)s + %(nodes)s * i::bigint, %(term)s, 'r', '', '', ''
    from generate_series(%(a)s, %(b)s, %(step)s) i
    on conflict (workspace_id, node_id, rows) do update set label = ''
    returning id
)
insert into rbac_guarduser (user_id, permission_id, content_object_id)
select %(user)s, p.id, made.id from made, auth_permission p where p.codename = 'view_node'
"""


def people(dataset: Any) -> None:
    """Make users with rights of each kind."""
    from django.contrib.auth.models import Group
    from django.db import connection

    from bench.dataset import FIRST, NODES
    from qdm.access import Action
    from qdm.models import Workspace
    from rbac import grants
    from rbac.models import Guard, Lock, User

    User.objects.filter(username__startswith="bench").delete()
    Group.objects.filter(name__startswith="bench").delete()
    workspace = Workspace.objects.get(slug="bench")
    Guard.objects.filter(workspace=workspace).delete()
    access, term = dataset.access, dataset.term_id
    groups = [Group.objects.create(name=f"bench {i}") for i in range(GROUPS)]
    users = User.objects.bulk_create(User(username=f"bench{i}") for i in range(USERS))
    for i, user in enumerate(users):
        user.groups.add(groups[i % GROUPS], groups[(i * 7 + 1) % GROUPS])
    named = {}

    def person(name: str, known_as: str | None = None) -> Any:
        named[name] = User.objects.create(username=f"bench-{len(named)}", first_name=name, known_as=known_as)
        return named[name]

    def rows(user: Any, count: int) -> None:
        step = max(dataset.size // count, 1)
        with connection.cursor() as cursor:
            cursor.execute(GRANT_ROWS, {"workspace": workspace.pk, "first": FIRST, "nodes": NODES, "term": term,
                                        "a": 0, "b": step * count - 1, "step": step, "user": user.pk})  # fmt: skip

    def on_table(rows_text: str = "") -> grants.Place:
        return grants.on_table(term, rows_text, access=access)

    grants.grant(person("owner"), [Action.MANAGE], grants.on_workspace(access), access=access)
    customers = grants.on_table(dataset.customer_id, access=access)
    grants.grant(person("table"), [Action.VIEW], on_table(), access=access)
    grants.grant(person("rule, 3 % of rows", "Город 0"), [Action.VIEW], on_table("Город = @me"), access=access)
    grants.grant(person("rule, few rows", "Город 1501"), [Action.VIEW], on_table("Город = @me"), access=access)
    rows(person("2,000 rows"), 2_000)
    rows(person("20,000 rows"), 20_000)
    both = person("rule or 2,000 rows", "Город 2")
    grants.grant(both, [Action.VIEW], on_table("Город = @me"), access=access)
    rows(both, 2_000)
    hidden, partly = person("3 columns hidden"), person("a column in part of the rows", "Город 4")
    for user in (hidden, partly):
        grants.grant(user, [Action.VIEW], on_table(), access=access)
    for name in ("Вес", "Контакт", "Примечание"):
        place = grants.on_field(dataset.columns[name], access=access)
        grants.lock(place, Lock.VIEW, access=access)
        for user in named.values():
            if user != hidden:
                text = "Город = @me" if user == partly and name == "Вес" else ""
                where = grants.on_field(dataset.columns[name], text, access=access)
                grants.grant(user, [Action.VIEW], where, access=access)
    for user in named.values():
        grants.grant(user, [Action.VIEW], customers, access=access)
    have = 24_000
    for user in users:
        if have < GRANTED:
            rows(user, 500)
            have += 500
    for i in range(GUARDS):
        grants.grant(groups[i % GROUPS], [Action.VIEW], on_table(f"Статус = s{i}"), access=access)
    person("50 guards of 2 roles").groups.set(groups[:2])
    person("500 guards of 20 roles").groups.set(groups)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze rbac_guard, rbac_guarduser, rbac_guardgroup, rbac_user_groups")


def made() -> dict[str, Any]:
    """The people an earlier run has made, by what they have."""
    from rbac.models import User

    return {user.first_name: user for user in User.objects.filter(username__startswith="bench-").order_by("pk")}


def calls(dataset: Any) -> dict[str, Callable[[Any], object]]:
    from qdm.query.ast import Compare, Op, Query, Search, Sort
    from qdm.selectors import records

    term = dataset.term_id
    active = Compare("Статус", Op.EQ, "новый")
    return {
        "first page": lambda a: records.page(term, Query(limit=100), access=a),
        "filtered, sorted page": lambda a: records.page(
            term, Query(filter=active, sorts=(Sort("Сумма", descending=True),), limit=100), access=a
        ),
        "count": lambda a: records.count(term, Query(), access=a),
        "count of a filter": lambda a: records.count(term, Query(filter=active), access=a),
        "search": lambda a: records.page(term, Query(filter=Search("Заказ 00001"), limit=100), access=a),
    }


def habits(dataset: Any, named: dict[str, Any]) -> None:
    """What the worker makes of people who ask so: indexes of columns and of rules by use, not that of trigrams."""
    from qdm.managers import column_uses, indexing
    from qdm.services import indexes
    from rbac.access import access_for

    for name, user in named.items():
        if "guards" not in name:
            for _ in range(indexing.LEAST_USES):
                for call, ask in calls(dataset).items():
                    if call != "search":
                        ask(access_for(user, "bench", via="bench"))
    column_uses.write()
    indexes.tend_all()


def measure(dataset: Any, named: dict[str, Any], rounds: int) -> str:
    from rbac.access import access_for

    built: dict[str, list[float]] = {name: [] for name in named}
    spent: dict[tuple[str, str], list[float]] = {}
    asked = calls(dataset)
    for _ in range(rounds):
        for name, user in named.items():
            begun = time.perf_counter()
            access = access_for(user, "bench", via="bench")
            built[name].append(time.perf_counter() - begun)
            if "guards" in name:
                continue
            for call, ask in asked.items():
                begun = time.perf_counter()
                ask(access)
                spent.setdefault((name, call), []).append(time.perf_counter() - begun)
    median = {key: statistics.median(found) * 1000 for key, found in spent.items()}
    lines = [f"| rights | Access, ms | {' | '.join(asked)} |", "|---" * (len(asked) + 2) + "|"]
    for name in named:
        cells = []
        for call in asked:
            if "guards" in name:
                cells.append("")
            else:
                own = median[name, call]
                cells.append(
                    f"{own:.1f} ms" if name == "owner" else f"{own / median['owner', call]:.2f} ({own:.1f} ms)"
                )
        lines.append(f"| {name} | {statistics.median(built[name]) * 1000:.1f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", action="store_true", help="make the records and the people, measure nothing")
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    Path(os.environ["VAR_DIR"]).mkdir(parents=True, exist_ok=True)
    with embedded.running(settings.VAR_DIR) if settings.EMBEDDED else nullcontext():
        django.setup()
        from django.core.management import call_command

        from bench import dataset as data
        from bench.report import write

        call_command("migrate", verbosity=0)
        if options.build:
            people(data.build(options.size, compared=False)[0])
        else:
            dataset = data.standing()
            habits(dataset, made())
            write(f"Rights on {dataset.size:,} records", measure(dataset, made(), options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
