"""The document as it is served: the files of this folder, what is common to all calls, and the calls of live video.

In the files ``body`` and ``schema`` of a response are short for JSON contents, a path parameter without a schema is an
id, and answers to examples lie in ``answers.json``.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from drf_spectacular.generators import SchemaGenerator

HERE = Path(__file__).parent
TAGS = {
    "terms": "Terms",
    "structure": "Structure",
    "objects": "Objects",
    "query": "Questions and batches",
    "exports": "Exports",
    "files": "Files of cells",
    "forms": "Upload forms",
    "webhooks": "Webhooks",
}
#: Statuses every call may answer, and why; docs/errors.md has the codes.
ERRORS = {
    "400": "What cannot be meant.",
    "401": "No token, or one in another form.",
    "403": "The token is not valid, or has no right to do this.",
    "404": "Missing, or hidden.",
    "409": "In the way of something that exists.",
    "413": "Too large.",
    "422": "Of the wrong form.",
    "429": "Too many requests; Retry-After says when to come back.",
    "503": "Stopped because it took too long.",
}
ERROR = {"$ref": "#/components/schemas/Error"}


def operations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Tag, path, method and operation, as they stand in the files."""
    for name, tag in TAGS.items():
        for path, methods in _load(name).items():
            for method, operation in methods.items():
                yield tag, path, method, operation


def add_calls(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Put the calls into what drf-spectacular has made of the views of Django REST framework."""
    components = result.setdefault("components", {})
    for kind, items in _load("components").items():
        components.setdefault(kind, {}).update(items)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    result["security"] = [{"token": []}]
    paths: dict[str, Any] = {}
    for tag, path, method, operation in operations():
        paths.setdefault(path, {})[method] = _whole(tag, path, method, operation)
    for path, methods in result["paths"].items():
        paths[path] = {method: operation | {"tags": ["Live video"]} for method, operation in methods.items()}
    result["paths"] = paths
    return result


@cache
def document() -> dict[str, Any]:
    """The whole document, made once a process."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


@cache
def _load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


@cache
def answers() -> dict[str, dict[str, Any]]:
    """Answers to the examples: ``get /{db}/terms`` -> name of the example -> JSON."""
    found: dict[str, dict[str, Any]] = json.loads((HERE / "answers.json").read_text(encoding="utf-8"))
    return found


def _whole(tag: str, path: str, method: str, short: dict[str, Any]) -> dict[str, Any]:
    operation = {key: value for key, value in short.items() if key not in ("body", "example")}
    operation["operationId"] = f"{method}_{path.strip('/').replace('{db}/', '').replace('/', '_')}".translate(
        {ord("{"): None, ord("}"): None}
    )
    operation["tags"] = [tag]
    operation["parameters"] = [
        {"$ref": "#/components/parameters/db"},
        *(_parameter(parameter) for parameter in short.get("parameters", [])),
    ]
    known = answers().get(f"{method} {path}", {})
    if "body" in short:
        operation["requestBody"] = {"required": True, "content": {"application/json": _content(short["body"])}}
    operation["responses"] = {
        status: _response(response, known if status == "200" else {}) for status, response in short["responses"].items()
    }
    for status, description in ERRORS.items():
        error = {"description": description, "content": {"application/json": {"schema": ERROR}}}
        operation["responses"].setdefault(status, error)
    return operation


def _response(short: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    content = short.get("content") or {"application/json": {"schema": short["schema"]} | _examples(examples)}
    return {"description": short["description"], "content": content}


def _parameter(short: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in short:
        return short
    if short["in"] == "path":
        return {"required": True, "schema": {"$ref": "#/components/schemas/Id"}} | short
    return short


def _content(body: dict[str, Any]) -> dict[str, Any]:
    schema = body["schema"]
    if isinstance(schema, str):
        schema = {"$ref": f"#/components/schemas/{schema}"}
    return {"schema": schema} | _examples(body.get("examples") or {"example": body["example"]})


def _examples(named: dict[str, Any]) -> dict[str, Any]:
    return {"examples": {name: {"value": value} for name, value in named.items()}} if named else {}
