"""SQL has two homes: static text in ``.sql`` files, dynamic text composed in ``qdm/query``."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import is_in, modules, written

#: Where SQL may stand in Python: the compiler composes it, the loader and the managers name and run it.
TEXT_HOMES = ("qdm/query", "qdm/managers", "qdm/sql")
#: Where the files with static SQL lie: each package keeps those of its own tables.
FILE_HOMES = ("qdm/sql", "rbac/sql", "video/sql")
#: Who may run a statement besides the text homes, and why.
RUNNERS = {
    "rbac/audit.py": "tells the triggers of the log of rights who acts",
    "video/ownership.py": "advisory locks on a connection of its own, for as long as a source is captured",
}
RUN = {"execute", "executemany", "callproc", "copy", "copy_expert", "cursor", "raw", "extra"}
RAW = {"RawSQL", "RunSQL"}
STATEMENT = re.compile(
    r"""^\s*(select\s.+\sfrom\s | select\s+\w+\( | insert\s+into\s | update\s+\S+\s+set\s | delete\s+from\s
        | with\s+\S+\s+as\s | create\s+(or\s+replace\s+)?(table|index|schema|function|trigger|unique|database)\s
        | alter\s+(table|schema|index)\s | drop\s+(table|schema|index|trigger|function)\s | truncate\s
        | copy\s+\S+.*\s(from|to)\s | set\s+(local\s+)?\w+\s*(=|to)\s | notify\s | listen\s )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


def test_no_sql_text_outside_its_homes() -> None:
    found = [
        f"{path}:{line}: {text.strip()[:60]}"
        for path, tree in modules()
        if not is_in(path, TEXT_HOMES)
        for line, text in _texts(tree)
        if STATEMENT.match(text)
    ]
    assert found == []


def test_no_statement_is_run_outside_its_homes() -> None:
    found = [
        f"{path}:{call.lineno}: {name}()"
        for path, tree in modules()
        if not is_in(path, (*TEXT_HOMES, *RUNNERS))
        for call, name in _calls(tree)
        if name in RUN | RAW
    ]
    assert found == []


def test_static_sql_lies_in_its_folders() -> None:
    assert [
        str(path) for path in written({".sql"}, ("qdm", "rbac", "video", "integram")) if not is_in(path, FILE_HOMES)
    ] == []


def test_every_exception_is_still_needed() -> None:
    used = {str(path) for path, tree in modules() for _, name in _calls(tree) if name in RUN | RAW}
    assert set(RUNNERS) - used == set()


def test_the_rule_sees_sql() -> None:
    """A rule that matches nothing would pass for ever."""
    for text in ("SELECT id FROM node", "select pg_notify(%s)", "insert into x values (1)", "UPDATE a SET b=1"):
        assert STATEMENT.match(text), text
    for text in ("Select a file from the list", "Update the table", "Create table", "with love", "Drop files here"):
        assert text == "Select a file from the list" or not STATEMENT.match(text), text


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Calls with the last part of the called name: ``cursor.execute(...)`` is execute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node, node.func.attr
            elif isinstance(node.func, ast.Name) and node.func.id in RAW:
                yield node, node.func.id


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """String literals, parts of f-strings too, docstrings left out."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            if isinstance(node.value, str):
                yield node.lineno, node.value
            elif isinstance(node.value, bytes):
                yield node.lineno, node.value.decode("latin-1")
