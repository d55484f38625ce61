"""Nobody reads or writes user data without an ``Access``, and nobody makes himself one that may everything."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import modules

#: Functions of ``qdm/selectors`` and ``qdm/services`` without ``access``, and why.
WITHOUT_ACCESS = {
    "qdm/selectors/structure.py:schema": "rbac builds the Access from it",
    "qdm/services/workspaces.py:*": "a workspace is made before anybody has rights in it; the callers check who may",
}
#: Callers of ``Access.system``, the only bypass, and why.
SYSTEM = {
    "integram/management/commands/demo.py": "fills the workspaces it has just made",
    "rbac/workspaces.py": "gives the owner of a new workspace his first grant",
}


def test_every_selector_and_service_requires_an_access() -> None:
    missing = [
        name
        for path, tree in modules("qdm/selectors", "qdm/services")
        for function in _public(tree)
        if (name := f"{path}:{function.name}") not in WITHOUT_ACCESS
        and f"{path}:*" not in WITHOUT_ACCESS
        and not _requires_access(function)
    ]
    assert missing == []


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
    assert callers - set(SYSTEM) == set()


def test_an_access_is_built_by_hand_nowhere_but_in_rbac() -> None:
    builders = {
        str(path)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Access"
    }
    assert {path for path in builders if not path.startswith("rbac/")} == set()


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


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
