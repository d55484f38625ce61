"""Cases of the wire contract, played against the application in this process.

A file of cases is one flow on a fresh workspace: a list of ``name, method, path`` with ``json`` or ``raw`` (the body),
``headers`` (in place of the token), ``save`` ({variable: place}), ``repeat`` ({{i}} is 01, 02, …) and ``expect``:
``status`` (one or several), ``body_subset`` and ``body_exact``, ``paths`` ({place: value}), ``present`` and ``absent``
places, ``excludes`` ([place, subset]). ``{{name}}`` is a variable, ``{{name|str}}`` its text; a place is ``$.a[0].b``
or ``$[*].id``. ``body_subset`` compares objects by the keys given, and each element of a list with some element.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.test import Client

FOLDER = Path(__file__).parent / "contract"
MISSING = object()
VARIABLE = re.compile(r"\{\{\s*(\w+)(\|str)?\s*\}\}")


def fill(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {fill_text(k, known): fill(v, known) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, known) for v in value]
    if isinstance(value, str):
        whole = VARIABLE.fullmatch(value)
        if whole:
            return str(known[whole[1]]) if whole[2] else known[whole[1]]
        return fill_text(value, known)
    return value


def fill_text(text: str, known: dict[str, Any]) -> str:
    return VARIABLE.sub(lambda match: str(known[match[1]]), text)


def find(content: Any, place: str) -> Any:
    found, many = [content], False
    for key, index in re.findall(r"\.([^.\[\]]+)|\[(\d+|\*|'[^']*')\]", place):
        further: list[Any] = []
        for item in found:
            if index == "*":
                many = True
                further += item if isinstance(item, list) else item.values() if isinstance(item, dict) else []
            elif index.isdigit() and isinstance(item, list):
                further += item[int(index) :][:1]
            elif isinstance(item, dict) and (name := key or index.strip("'")) in item:
                further.append(item[name])
        found = further
    return found if many else found[0] if found else MISSING


def contains(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(k in got and contains(v, got[k]) for k, v in wanted.items())
    if isinstance(wanted, list):
        rest = list(got) if isinstance(got, list) else []
        for item in wanted:
            at = next((n for n, other in enumerate(rest) if contains(item, other)), None)
            if at is None:
                return False
            del rest[at]
        return isinstance(got, list)
    return type(wanted) is type(got) and wanted == got


def problems(expect: dict[str, Any], status: int, body: Any) -> list[str]:
    found = []
    wanted = expect["status"] if isinstance(expect["status"], list) else [expect["status"]]
    if status not in wanted:
        found.append(f"status {status}, not {expect['status']}")
    if "body_subset" in expect and not contains(expect["body_subset"], body):
        found.append(f"body lacks {expect['body_subset']}")
    if "body_exact" in expect and body != expect["body_exact"]:
        found.append(f"body is not {expect['body_exact']}")
    for place, value in expect.get("paths", {}).items():
        if (got := find(body, place)) != value:
            found.append(f"{place} is {got!r}, not {value!r}")
    found += [f"{place} is missing" for place in expect.get("present", ()) if find(body, place) is MISSING]
    found += [f"{place} is there" for place in expect.get("absent", ()) if find(body, place) is not MISSING]
    if "excludes" in expect:
        place, subset = expect["excludes"]
        found += [f"{place} has {item}" for item in find(body, place) if contains(subset, item)]
    return found


def play(cases: list[dict[str, Any]], known: dict[str, Any]) -> list[str]:
    """Play a flow; what went wrong, one line a case. ``known``: at least ``ws`` and ``token``."""
    client = Client()
    wrong = []
    for case in cases:
        for time in range(1, case.get("repeat", 1) + 1):
            known["i"] = f"{time:02d}"
            status, body = call(client, case, known)
            found = problems(fill(case["expect"], known), status, body)
            wrong += [f"{case['name']}: {problem}; got {status} {str(body)[:300]}" for problem in found]
            if not found:
                known |= {name: find(body, place) for name, place in case.get("save", {}).items()}
    return wrong


def call(client: Client, case: dict[str, Any], known: dict[str, Any]) -> tuple[int, Any]:
    headers = fill(case.get("headers", {"Authorization": "Bearer {{token}}"}), known)
    path = quote(fill_text(case["path"], known), safe="%/?&=:@+,;!*'()$[]~-._")
    body = json.dumps(fill(case["json"], known)) if "json" in case else fill_text(case.get("raw", ""), known)
    answer = client.generic(case["method"], path, body.encode(), "application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def load(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))
