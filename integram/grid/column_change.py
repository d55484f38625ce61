"""The form of a column as one change: name and constraints together or not at all."""

from typing import Any

from integram.grid.column_forms import LINK
from qdm.access import Access
from qdm.schema import Requisite
from qdm.services import columns, requisites
from qdm.services.column_types import Spec
from qdm.services.transaction import batch
from qdm.types.base import BaseType

FLAGS = {"required": "NOT NULL", "unique": "UNIQUE", "multiple": "MULTIPLE"}


def spec(values: dict[str, Any]) -> Spec:
    """What the form asks for, as the service of columns takes it."""
    base, target = _type(values["type"])
    return Spec(values["name"], base, target, **{name: values[name] for name in FLAGS})


def carry_out(column: Requisite, values: dict[str, Any], *, access: Access) -> None:
    """Bring the column to what the form says. Raises what the services of columns raise."""
    flags = {modifier: values[name] for name, modifier in FLAGS.items() if values[name] != bool(getattr(column, name))}
    with batch(access, "change_column"):
        if values["name"] != column.name:
            columns.rename(column.id, values["name"], access=access)
        if flags:
            requisites.set_modifiers(column.id, flags, access=access)


def _type(choice: str) -> tuple[BaseType | None, int | None]:
    if choice.startswith(LINK):
        return None, int(choice.removeprefix(LINK))
    return BaseType(int(choice)), None
