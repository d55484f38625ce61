"""Nobody reads or writes user data without an ``Access``, and nobody makes himself one that may everything."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, is_in, modules, syntax

LAYERS = ("qdm/selectors", "qdm/services")
#: Functions of the layers that others call without ``access``, and why.
WITHOUT_ACCESS = {
    "qdm.selectors.structure.schema": "rbac builds the Access from it",
    "qdm.selectors.structure.at": "the same, of which the version is known",
    "qdm.services.workspaces.create": "before it is made nobody has rights in it; rbac.workspaces checks who may",
    "qdm.services.workspaces.rename": "rbac.workspaces checks who may",
    "qdm.services.workspaces.drop": "rbac.workspaces checks who may",
    "qdm.services.projections.rebuild": "a command of the machine's administrator; shows nothing",
    "qdm.services.projections.check": "a command of the machine's administrator; shows ids",
    "qdm.services.attach.attach": "a command of the machine's administrator; makes the workspace",
    "qdm.services.dump.counters": "a command of the machine's administrator; part of an archive",
    "qdm.services.dump.actors": "a command of the machine's administrator; part of an archive",
    "qdm.services.dump.blocks": "a command of the machine's administrator; part of an archive",
    "qdm.services.dump.point_of_restore": "a command of the machine's administrator; tells nothing but a number",
    "qdm.services.dump.restore": "a command of the machine's administrator; makes the workspace",
    "qdm.services.files.dumped": "a command of the machine's administrator; part of an archive",
    "qdm.services.files.contents": "a command of the machine's administrator; part of an archive",
    "qdm.services.files.restore": "a command of the machine's administrator; part of an archive",
    "qdm.services.files.put": "a command of the machine's administrator; part of an archive",
    "qdm.services.indexes.tend_all": "the machine's schedule; shows names of indexes",
    "qdm.selectors.views.first": "chooses among views that were given for an Access",
    "qdm.services.cells.constrain": "one text and its column, no workspace",
    "qdm.services.transaction.batch": "opens the batch of the Access that is its first argument",
    "qdm.services.modifiers.spelled": "reads a spelling, no workspace",
    "qdm.services.modifiers.compiled": "reads a pattern, no workspace",
}
#: Callers of ``Access.system``, the only bypass, and why.
SYSTEM = {
    "integram/management/commands/demo.py": "the machine's administrator makes the demo",
    "integram/management/commands/import_sheet.py": "the machine's administrator imports a file",
    "integram/emptying.py": "the machine's schedule empties the trash of every workspace",
    "rbac/workspaces.py": "gives the owner of a new workspace his first grant",
}


def test_what_is_called_of_selectors_and_services_requires_an_access() -> None:
    """Parts that only the two layers share may take less: who comes in from outside has shown an Access already."""
    called = {name: function for name in _called_from_outside() if (function := _function(name)) is not None}
    assert len(called) > 20, "the rule sees the calls"
    missing = {name for name, function in called.items() if not _requires_access(function)}
    assert missing - set(WITHOUT_ACCESS) == set()


def test_every_exception_is_still_needed() -> None:
    called = _called_from_outside()
    needed = {name for name in called if (function := _function(name)) is not None and not _requires_access(function)}
    assert set(WITHOUT_ACCESS) - needed == set()


def test_access_for_everything_is_made_only_where_it_is_listed() -> None:
    callers = {
        str(path)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "system"
        and isinstance(node.value, ast.Name)
        and node.value.id == "Access"
    }
    assert callers == set(SYSTEM)


def test_an_access_is_built_by_hand_nowhere_but_in_rbac() -> None:
    builders = {
        str(path)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Access"
    }
    assert {path for path in builders if not path.startswith("rbac/")} == set()


def _called_from_outside() -> set[str]:
    """Dotted names of what other packages take from the layers: ``records.page`` and ``from ... import page``."""
    names = set()
    for path, tree in modules():
        if is_in(path, LAYERS):
            continue
        imported = dict(_imports(tree))
        names |= {name for name in imported.values() if name.count(".") == 3}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
                names.add(f"{imported[node.value.id]}.{node.attr}")
    return names


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Local name -> dotted name of what comes out of the layers, wherever in the file it is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("qdm.selectors", "qdm.services")):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _function(name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function of a dotted name, also where its module has it from another one; None for anything else."""
    module, _, wanted = name.rpartition(".")
    path = Path(*module.split(".")).with_suffix(".py")
    if not (ROOT / path).exists():
        return None
    tree = syntax(path)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == wanted:
            return node
    imported = dict(_imports(tree))
    return _function(imported[wanted]) if wanted in imported else None


def _requires_access(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether ``access: Access`` is a keyword that has no default."""
    arguments = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return any(
        argument.arg == "access"
        and default is None
        and isinstance(argument.annotation, ast.Name)
        and argument.annotation.id == "Access"
        for argument, default in arguments
    )
