"""Structure and records in the shapes of the wire contract (docs/contract.md, section 3)."""

from collections.abc import Mapping
from typing import Any

from qdm.record import Bad, CellValue, Link, Record, Value
from qdm.schema import MODIFIERS, Modifier, ReferenceTerm, Requisite, Schema, Term

HIDDEN = {"hidden": True}


def term(term: Term) -> dict[str, Any]:
    return {"id": term.id, "val": term.name, "base": int(term.base)}


def metadata(term: Term, schema: Schema) -> dict[str, Any]:
    return {
        "id": term.id,
        "up": 0,
        "type": int(term.base),
        "val": term.name,
        "unique": int(term.unique),
        "mods": modifiers(term.modifiers),
        "reqs": requisites(term, schema),
    }


def reference_metadata(reference: ReferenceTerm, schema: Schema) -> dict[str, Any]:
    return {
        "id": reference.id,
        "up": 0,
        "type": reference.target,
        "val": reference.name or f"-> {schema.terms[reference.target].name}",
        "unique": 0,
        "mods": [],
        "reqs": [],
    }


def requisites(term: Term, schema: Schema) -> list[dict[str, Any]]:
    return [
        {
            "num": requisite.ordinal,
            "id": str(requisite.id),
            "val": requisite.type_name,
            "type": str(requisite.type_id),
            "ref_id": None if (target := _target(requisite, schema)) is None else str(target.id),
            "mods": modifiers(requisite.modifiers),
        }
        for requisite in term.requisites
    ]


def header(term: Term, schema: Schema) -> list[dict[str, Any]]:
    """The columns of a list."""
    found = []
    for requisite in term.requisites:
        target = _target(requisite, schema)
        found.append(
            {
                "id": requisite.id,
                "t": requisite.type_id,
                "name": requisite.type_name,
                "base": int(requisite.base),
                "ref": target.id if target is not None else None,
                "original_name": target.name if target is not None else None,
                "is_table_req": requisite.is_subtable,
                "modifiers": modifiers(requisite.modifiers),
            }
        )
    return found


def modifiers(given: tuple[Modifier, ...]) -> list[str]:
    """Flags by their bare names, the others with their argument."""
    return [str(modifier) for modifier in sorted(given, key=lambda m: MODIFIERS[m.name])]


def _target(requisite: Requisite, schema: Schema) -> Term | None:
    """The table a reference leads to, where it is seen."""
    return schema.terms.get(requisite.target) if requisite.target is not None else None


def listed(record: Record, counts: Mapping[int, int]) -> dict[str, Any]:
    """A record of a list: values by requisite id, references by what they show, sub-tables by their number of rows."""
    # Nearly all cells are texts, and stay what they are.
    reqs: dict[str, Any] = {
        str(requisite): value if type(value) is str else _many(value, _label)
        for requisite, value in record.cells.items()
    }
    reqs.update({str(requisite): str(number) for requisite, number in counts.items()})
    return {"id": record.id, "val": record.val, "reqs": reqs}


def whole(record: Record, term: Term, counts: Mapping[int, int]) -> dict[str, Any]:
    """A record by itself: references by the id of their target."""
    reqs = {}
    for requisite in term.requisites:
        value = record.cells.get(requisite.id)
        if value is not None:
            reqs[str(requisite.id)] = {"type": requisite.type_name, "value": _many(value, _id)}
        elif requisite.id in counts:
            reqs[str(requisite.id)] = {"type": requisite.type_name, "value": str(counts[requisite.id])}
    return {
        "id": record.id,
        "up": record.up,
        "t": record.term_id,
        "val": record.val,
        "typ_name": term.name,
        "reqs": reqs,
    }


def _many(value: CellValue, one: Any) -> Any:
    return [one(v) for v in value] if isinstance(value, tuple) else one(value)


def _label(value: Value) -> Any:
    if isinstance(value, Link):
        return HIDDEN if value.hidden else value.label
    return value.text if isinstance(value, Bad) else value


def _id(value: Value) -> Any:
    if isinstance(value, Link):
        return HIDDEN if value.hidden else str(value.id)
    return value.text if isinstance(value, Bad) else value
