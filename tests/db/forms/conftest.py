"""The demo's holding, as its workbook is imported, and a form for the mailed files of each of two plants."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.files.base import File
from pytest_django.plugin import DjangoDbBlocker

from demo import mail_reports, production
from integram.management.commands.demo import CASES, load_case
from qdm.access import Access
from qdm.models import FormRun, UploadForm
from qdm.query.ast import Query
from qdm.record import Link, Record
from qdm.schema import Term
from qdm.selectors import records
from qdm.services import workspaces
from qdm.sheets.forms import definitions, runs
from qdm.sheets.forms.plan import FormPlan, Missing, Source
from rbac.access import access_for
from rbac.models import User

PLANTS = "plants"


@dataclass
class Plants:
    """The workspace of the demo and what its owner does in it."""

    owner: User
    forms: dict[str, UploadForm] = field(default_factory=dict)
    _columns: dict[str, int] = field(default_factory=dict)

    @property
    def access(self) -> Access:
        return access_for(self.owner, PLANTS, via="form")

    @property
    def output(self) -> Term:
        return self.access.schema.by_name["выпуск"]

    def column(self, name: str) -> int:
        """Its id. Asked for each cell of thousands of rows: the structure is read once."""
        if not self._columns:
            self._columns = {column.name: column.id for column in self.output.requisites}
        return self._columns[name]

    def rows(self) -> list[Record]:
        return [r for run in records.walk(self.output.id, Query(), access=self.access, size=5000) for r in run]

    def cell(self, record: Record, name: str) -> str:
        value = record.cells.get(self.column(name))
        return (value.label or "") if isinstance(value, Link) else str(value or "")

    def send(self, form: str, path: Path) -> FormRun:
        """Send and check, as the worker does."""
        with path.open("rb") as file:
            run = runs.send(self.forms[form], File(file, path.name), access=self.access, door=FormRun.Door.PAGE)
        runs.check(run.pk, access=self.access)
        run.refresh_from_db()
        return run

    def bricks_plan(self, **more: object) -> FormPlan:
        """A form for printing: the date in the title, the workshop once, the header in two lines."""
        c = self.column
        sources = (
            Source(c("Дата"), cell="A2", pattern=r"за (\d\d\.\d\d\.\d{4})"),
            Source(c("Завод"), constant="Красная глина"),
            Source(c("Цех"), ("Цех",), template="{}, Красная глина"),
            Source(c("Продукция"), ("Продукция", "Наименование продукции")),
            Source(c("Смена"), ("Смена",)),
            Source(c("План"), ("План",)),
            Source(c("Выпущено"), ("Выпущено", "Факт")),
            Source(c("Брак"), ("Брак",)),
            Source(c("Простой, ч"), ("Простой, ч",)),
            Source(c("Мастер"), ("Мастер",), create=self.output.by_name["мастер"].is_reference),
            Source(c("Причина простоя"), ("Примечание",), create=self.output.by_name["причина простоя"].is_reference),
        )
        return FormPlan(sources=sources, **(self._keys() | more))  # type: ignore[arg-type]

    def mixes_plan(self) -> FormPlan:
        """A dump of a program: month before day, every number a text."""
        c = self.column
        sources = (
            Source(c("Дата"), ("Дата",), day_first=False),
            Source(c("Завод"), constant="Волгамикс"),
            Source(c("Цех"), ("Цех",)),
            Source(c("Продукция"), ("Продукция",)),
            Source(c("Смена"), ("Смена",)),
            Source(c("План"), ("План, т",)),
            Source(c("Выпущено"), ("Выпуск, т",)),
            Source(c("Брак"), ("Брак, т",)),
            Source(c("Простой, ч"), ("Простой, ч",)),
            Source(c("Мастер"), ("Мастер",), create=self.output.by_name["мастер"].is_reference),
            Source(c("Причина простоя"), ("Комментарий",), create=self.output.by_name["причина простоя"].is_reference),
        )
        return FormPlan(sources=sources, **self._keys())  # type: ignore[arg-type]

    def _keys(self) -> dict[str, object]:
        c = self.column
        return {
            "keys": (c("Дата"), c("Цех"), c("Продукция"), c("Смена")),
            "needs": (c("Продукция"), c("Смена")),
            "scope": (c("Дата"), c("Завод")),
            "missing": Missing.KEEP,
        }


@pytest.fixture(scope="module")
def holding(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[User]:
    """The owner of the demo's workspace, which is imported once for all tests of a module; each is rolled back."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(settings, "VAR_DIR", tmp_path_factory.mktemp("var"))
        owner = User.objects.create_user("owner")
        load_case(next(case for case in CASES if case.slug == PLANTS), owner)
        yield owner
        workspaces.drop(PLANTS, PLANTS)
        owner.delete()


@pytest.fixture
def plants(holding: User, db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plants:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path / "var")
    found = Plants(User.objects.get(pk=holding.pk))
    term = found.output.id
    for name, plan in (("bricks", found.bricks_plan()), ("mixes", found.mixes_plan())):
        found.forms[name] = definitions.create(name, name, term, plan, access=found.access, automatic=20)
    return found


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[Path]]:
    """Files of two plants for days of two months after the workbook's, each with its faults."""
    days = (date(2026, 12, 8), date(2026, 12, 9), date(2027, 1, 12), date(2027, 1, 13))
    monkeypatch.setattr(production, "MAILED", days)
    monkeypatch.setattr(mail_reports, "MAILED", days)
    rng = Random(11)
    mail_reports.save(tmp_path / "mail", production.Holding(rng), rng)
    files = sorted((tmp_path / "mail").iterdir())
    return {
        "bricks": [path for path in files if "глина" in path.name and "уточн" not in path.name],
        "mixes": [path for path in files if path.name.startswith("vypusk")],
    }
