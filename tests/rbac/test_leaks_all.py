"""Which test stands for each case of the list of leaks (issue 4), and the cases that have no place elsewhere."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qdm.access import Access, Action
from qdm.query.ast import Compare, Op
from qdm.services import column_copies, views
from qdm.view_spec import Colour, Layout, ViewSpec
from rbac import grants, tokens
from rbac.access import access_for
from rbac.models import User
from tests.rbac.test_leaks import Low, _body, delete, low, stored
from tests.rbac.world import Agency

__all__ = ["low"]

pytestmark = pytest.mark.django_db

TESTS = Path(__file__).parents[1]
HERE, LEAKS = "rbac/test_leaks_all.py", "rbac/test_leaks.py"
QUESTIONS, KEPT = "rbac/test_leaks_of_questions.py", "rbac/test_leaks_of_files_and_history.py"
FORMS = "rbac/test_leaks_of_forms.py"
SOCKETS, VIDEO, ADMIN, ACCESS = (
    "grid/live/test_sockets.py",
    "video/test_rights.py",
    "rbac/test_admin.py",
    "rbac/test_access.py",
)

#: Case -> file and name of the test; no name: the file has the id of the case.
STANDS = {
    **dict.fromkeys(("001", "003", "005", "013", "015", "023", "029", "035", "037", "039", "043", "047"), (LEAKS, "")),
    **dict.fromkeys(("051", "053", "055", "057", "061", "065", "067", "069", "087", "097", "099"), (LEAKS, "")),
    **dict.fromkeys(("123", "125", "133", "143", "151"), (LEAKS, "")),
    **dict.fromkeys(("007", "009", "017", "021", "025", "033"), (QUESTIONS, "")),
    **dict.fromkeys(("063", "079", "085", "091", "093"), (KEPT, "")),
    **dict.fromkeys(("071", "073", "075"), (FORMS, "")),
    **dict.fromkeys(("027", "101", "041", "049", "059", "089", "103", "127", "155"), (HERE, "")),
    "011": ("api/test_limits.py", "test_a_statement_that_takes_too_long_is_stopped_and_says_so"),
    "019": ("grid/test_views.py", "test_what_a_reader_may_not_see_is_dropped_from_a_view_without_a_word"),
    "045": (KEPT, "test_lk_085_the_jobs_of_others_are_none"),
    "145": ("rbac/test_following.py", ""),
    "031": (QUESTIONS, "test_cells_one_may_not_read_are_empty_wherever_they_are_asked_about"),
    "077": ("unit/sheets/test_hostile.py", "test_a_hostile_file_takes_little_cpu_and_memory"),
    "081": ("grid/test_exports.py", "test_the_worker_writes_under_the_rights_of_now"),
    "083": ("db/exports/test_files.py", "test_no_text_becomes_a_formula_in_a_cell_or_a_heading"),
    "095": (KEPT, "test_links_in_the_history_are_those_one_sees_today"),
    "105": (SOCKETS, "test_rows_out_of_ones_rule_are_not_told_of_and_leaving_ones_are_gone"),
    "107": (SOCKETS, "test_rows_out_of_ones_rule_are_not_told_of_and_leaving_ones_are_gone"),
    "109": (SOCKETS, "test_a_fired_employee_is_closed_out"),
    "111": (VIDEO, "test_a_page_of_this_site_uses_the_session_and_another_site_may_not"),
    "113": (SOCKETS, "test_a_claim_to_have_been_shown_a_row_needs_the_seal"),
    "115": (
        "rbac/test_every_socket.py",
        "test_no_socket_opens_for_who_may_not_be_there_and_the_hidden_is_as_the_missing",
    ),
    "117": (VIDEO, "test_a_forged_ticket_or_one_for_another_stream_opens_nothing"),
    "121": (ADMIN, "test_closing_access_ends_everything_at_once"),
    "129": ("rbac/test_owner_pages.py", "view"),
    "131": ("rbac/test_owner_pages.py", "view"),
    "135": (QUESTIONS, "test_a_cursor_made_by_another_user_opens_nothing_more"),
    "137": ("db/sheets/test_jobs.py", "test_the_task_works_with_the_rights_its_owner_has_now"),
    "139": (ADMIN, "test_a_manager_of_one_workspace_does_not_find_the_guards_of_another"),
    "141": (ACCESS, "test_global_permissions_open_nothing"),
    "147": (ACCESS, "test_groups_in_a_filter_match_nothing_for_who_has_none"),
    "149": ("rbac/test_access_log.py", "test_bulk_writes_cascades_and_plain_sql_are_logged"),
    "153": ("api/test_webhooks.py", "test_who_lost_his_rights_is_told_nothing"),
}
#: Cases about what Integram does not have.
NOT_THERE = {
    "119": "nothing is addressed to a peer: a viewer's socket takes acknowledgements and telemetry of its own stream"
    " (video/sockets.py), and a test of sockets walks every one (rbac/test_every_socket.py)",
}


def test_every_case_has_its_test() -> None:
    every = {f"{number:03}" for number in range(1, 156, 2)}
    assert every == STANDS.keys() | NOT_THERE.keys()
    assert not STANDS.keys() & NOT_THERE.keys()
    for case, (file, name) in STANDS.items():
        text = (TESTS / file).read_text()
        assert re.search(rf"def {name}" if name.startswith("test_") else name or rf"(?i)lk[-_]{case}", text), case


def twice(low: Low, ask: Callable[[], Any], unseen: str) -> list[Any]:
    """The answers with the unseen there and with it deleted, alike to the byte, but for the id of what is made."""
    there = ask()
    delete(low, unseen)
    gone = ask()
    assert there.status_code == gone.status_code, (there.content.decode(), gone.content.decode())
    made = [str(a.json()["id"]).encode() if a.status_code == 200 and _is_one(a) else b"" for a in (there, gone)]
    first, second = (_body(a).replace(i, b"*") if i else _body(a) for a, i in zip((there, gone), made, strict=True))
    assert first == second
    return [there, gone]


def _is_one(answer: Any) -> bool:
    return isinstance(answer.json(), dict) and "id" in answer.json()


def test_lk_027_what_is_made_of_a_hidden_column_is_hidden_too(low: Low, a: Agency, root: Access) -> None:
    """There are no formulas; a copy is what is computed of a column."""
    copy = column_copies.duplicate(a.salary, "Оклад", access=root)
    assert copy not in access_for(low.user, "agency", via="test").schema.requisites
    addresses = (f"objects/{a.candidate}?limit=50", f"metadata/{a.candidate}", f"objects/{a.candidate}?Оклад=100")

    def answers() -> list[tuple[int, bytes]]:
        return [(one.status_code, _body(one)) for one in (low.api("get", address) for address in addresses)]

    there = answers()
    assert [status for status, _text in there] == [200, 200, 400]
    a.world.drop_column(copy)
    delete(low, "salary")
    assert answers() == there


def test_lk_101_a_text_that_names_a_hidden_column_is_not_shown(low: Low, a: Agency) -> None:
    """No formulas; the texts that name columns are those of views: filter, order, groups, what paints a cell."""
    boss = access_for(User.objects.create_superuser("view-boss"), "agency", via="test")
    paints = (
        Colour(a.candidate, Compare(a.salary, Op.GT, "100"), "red"),
        Colour(a.status, Compare(a.status, Op.EQ, "new"), "blue"),
    )
    layout = Layout(order=(a.salary, a.status), hidden=frozenset({a.salary}), widths={a.salary: 333}, colours=paints)
    spec = ViewSpec(Compare(a.salary, Op.GT, "100"), sorts=((a.salary, True),), groups=(), layout=layout)
    view = views.create(a.candidate, "Дорогие", spec, shared=True, access=boss)

    def shown() -> dict[str, Any]:
        page = low.page(f"?view={view.pk}").content.decode()
        assert "Зарплата" not in page
        (config,) = re.findall(r'<script id="sheet-config" type="application/json">(.*?)</script>', page, re.DOTALL)
        return {key: value for key, value in json.loads(config).items() if key not in ("nonce", "live", "window")}

    there = shown()
    assert [one["colour"] for one in there["layout"]["colours"]] == ["blue"]
    delete(low, "salary")
    assert shown() == there


def test_lk_041_of_several_rows_the_unseen_are_as_the_missing(low: Low) -> None:
    def asked(other: int) -> Any:
        return low.api("get", f"objects/{low.agency.candidate}?id={low.own[0]},{other}&limit=50")

    unseen, missing = asked(low.foreign[0]), asked(999_999)
    assert unseen.status_code == missing.status_code
    assert _body(unseen).replace(str(low.foreign[0]).encode(), b"*") == _body(missing).replace(b"999999", b"*")
    twice(low, lambda: asked(low.foreign[0]), "foreign")


def test_lk_049_a_row_is_not_made_with_a_hidden_cell(low: Low, a: Agency) -> None:
    def made() -> Any:
        attrs = {f"t{a.candidate}": "Новый", f"t{a.recruiter}": "anna", f"t{a.salary}": "1"}
        answer = low.api("post", "objects", {"id": a.candidate, "up": 1, "attrs": attrs})
        if answer.status_code == 200:
            assert a.salary not in stored(a, answer.json()["id"])
        return answer

    twice(low, made, "salary")


def test_lk_059_a_row_is_not_moved_below_one_of_another_table(low: Low, a: Agency) -> None:
    from qdm.selectors import records

    def moved(up: int) -> Any:
        answer = low.api("patch", f"objects/{low.own[0]}", {"up": up, f"t{a.status}": "new"})
        assert records.get(low.own[0], access=Access.system(a.world.schema, "tests")).up == 1
        return answer

    moved(a.departments[0])
    unseen, missing = moved(low.foreign[0]), moved(999_999)
    assert unseen.status_code == missing.status_code
    twice(low, lambda: moved(low.foreign[0]), "foreign")


def test_lk_089_a_picker_makes_no_row_where_one_may_not_add(low: Low, a: Agency) -> None:
    from qdm.query.ast import Query
    from qdm.selectors import records

    root = Access.system(a.world.schema, "tests")

    def picked(label: str) -> Any:
        before = records.count(a.department, Query(), access=root).value
        low.api("patch", f"objects/{low.own[0]}", {f"t{a.in_department}": label})
        answer = low.page(
            "batch", {"writes": [{"op": "update", "id": low.own[0], "values": {a.in_department: {"typed": label}}}]}
        )
        assert records.count(a.department, Query(), access=root).value == before
        return answer

    picked("Новый отдел")
    twice(low, lambda: picked("Секретный"), "secret")


def test_lk_103_an_answer_of_failure_names_nothing_of_the_inside(low: Low) -> None:
    from qdm.managers import statements

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("select salary from ws_agency.t_1")

    low.rest.raise_request_exception = low.grid.raise_request_exception = False

    def failed(ask: Callable[[], Any]) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(statements, "rows", broken)
            answer = ask()
        assert answer.status_code == 500
        assert "salary" not in answer.content.decode()
        assert "ws_agency" not in answer.content.decode()
        assert "Server-Timing" not in answer.headers
        return answer

    asks = (lambda: low.api("get", f"objects/{low.agency.candidate}"), lambda: low.page("rows"), lambda: low.page(""))
    there = [failed(ask) for ask in asks]
    delete(low, "salary")
    assert [_body(one) for one in there] == [_body(failed(ask)) for ask in asks]


def test_lk_127_a_shared_view_is_the_grants_of_its_guest(a: Agency, root: Access) -> None:
    """A link to share is a token for reading, of a guest with a grant on the shared rows: nothing widens it."""
    guest = User.objects.create_user("guest")
    status = f"{a.world.schema.terms[a.candidate].by_id[a.status].name} = new"
    grants.grant(guest, [Action.CHANGE], grants.on_table(a.candidate, status, access=root), access=root)
    text = tokens.create(guest, workspace=a.world.workspace, read_only=True)
    client = Client(headers={"Authorization": f"Bearer {text}"})
    shared = client.get(f"/agency/objects/{a.candidate}?limit=50")
    assert shared.status_code == 200
    ids = {row["id"] for row in shared.json().get("objects", shared.json()) if isinstance(row, dict)}
    unseen = [c for c in a.candidates if c not in ids]
    addresses = (f"object/{unseen[0]}", f"objects/{a.department}", f"objects/{a.candidate}?limit=50", "metadata")

    def answers() -> list[tuple[int, bytes]]:
        return [(one.status_code, _body(one)) for one in (client.get(f"/agency/{path}") for path in addresses)]

    there = answers()
    assert [status for status, _body in there] == [404, 404, 200, 200]
    assert "Секретный" not in shared.content.decode()
    for row in ids:
        assert client.delete(f"/agency/objects/{row}").status_code == 403
    assert Client(headers={"Authorization": f"Bearer {text}"}).get("/other/terms").status_code == 404
    a.world.erase(*unseen)
    assert answers() == there


def test_lk_155_the_unseen_takes_the_path_of_the_missing(low: Low) -> None:
    """Not the clock, which a busy machine moves, but what takes its time: the statements are the same, one by one."""

    def path(record: int) -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as ran:
            assert low.api("get", f"object/{record}").status_code == 404
        return [
            re.sub(r"\d+|'[^']*'", "?", one["sql"]) for one in ran.captured_queries if "last_used" not in one["sql"]
        ]

    low.api("get", f"object/{low.own[0]}")
    unseen, missing = path(low.foreign[0]), path(999_999)
    # Only the table that is asked last may be another.
    assert [text for text in unseen if '"t_?"' not in text] == [text for text in missing if '"t_?"' not in text]
    assert len(unseen) == len(missing)
