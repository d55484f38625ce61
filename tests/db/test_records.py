"""Rows are written one way: whole or not at all, held against their columns' constraints, remembered."""

import pytest

from qdm.access import Access
from qdm.errors import (
    Conflict,
    HasDependents,
    InvalidReference,
    InvalidValue,
    NotUnique,
    RecordNotFound,
    UnknownField,
    ValueRequired,
)
from qdm.query.ast import Query
from qdm.record import Link
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import records, references, requisites, terms, workspaces
from qdm.services.records import Create, Delete, Mode, Update
from tests.db.projections import assert_whole

pytestmark = pytest.mark.django_db
Q = Query()


class Office:
    """Кандидат(Зарплата number, Должность -> Должность, Навыки MULTIPLE -> Навык, Интервью sub-table(Дата))."""

    def __init__(self) -> None:
        workspaces.create("office", "Офис")
        self.position = terms.create("Должность", 3, access=self.access).id
        self.skill = terms.create("Навык", 3, access=self.access).id
        self.candidate = terms.create("Кандидат", 3, access=self.access).id
        salary = terms.create("Зарплата", 13, access=self.access).id
        self.salary = requisites.create(self.candidate, salary, access=self.access).id
        reference = references.create(self.position, access=self.access).id
        self.job = requisites.create(self.candidate, reference, access=self.access).id
        skills = references.create(self.skill, access=self.access).id
        self.skills = requisites.create(self.candidate, skills, {"MULTIPLE": 1}, access=self.access).id
        self.meeting = terms.create("Интервью", 3, access=self.access).id
        self.when = requisites.create(self.meeting, 88, access=self.access).id
        self.meetings = requisites.create(self.candidate, self.meeting, access=self.access).id
        self.engineer = records.create(self.position, 1, {self.position: "Инженер"}, access=self.access).id
        self.analyst = records.create(self.position, 1, {self.position: "Аналитик"}, access=self.access).id

    @property
    def access(self) -> Access:
        return Access.system(structure.schema("office"), "test")

    def hire(self, name: str, **values: object) -> int:
        cells = {getattr(self, key): value for key, value in values.items()}
        result = records.create(self.candidate, 1, {self.candidate: name, **cells}, access=self.access)
        assert result.id
        return result.id

    def cells(self, record_id: int) -> dict[int, object]:
        return dict(reading.get(record_id, access=self.access).cells)


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_record_is_stored_with_typed_cells_and_links(office: Office) -> None:
    ivan = office.hire("Иванов", salary="150 000,50", job="инженер")
    record = reading.get(ivan, access=office.access)
    assert (record.val, record.up) == ("Иванов", 1)
    assert record.cells == {office.salary: "150000.50", office.job: Link(office.engineer, "Инженер")}
    assert_whole("office")


def test_update_changes_only_what_differs_and_raises_the_version(office: Office) -> None:
    ivan = office.hire("Иванов", salary=100)
    before = reading.get(ivan, access=office.access).version
    same = records.update(ivan, {office.salary: "100"}, access=office.access)
    assert same.version == before
    changed = records.update(ivan, {office.salary: "120", office.candidate: "Иванов И."}, access=office.access)
    assert changed.version is not None
    assert changed.version > before
    assert reading.get(ivan, access=office.access).val == "Иванов И."
    records.update(ivan, {office.salary: ""}, access=office.access)
    assert office.cells(ivan) == {}
    assert_whole("office")


def test_an_old_version_is_a_conflict_and_writes_nothing(office: Office) -> None:
    ivan = office.hire("Иванов", salary=100)
    seen = reading.get(ivan, access=office.access).version
    records.update(ivan, {office.salary: 110}, access=office.access)
    with pytest.raises(Conflict):
        records.update(ivan, {office.salary: 120}, version=seen, access=office.access)
    assert office.cells(ivan) == {office.salary: "110"}


def test_links_by_id_label_and_list(office: Office) -> None:
    one = records.create(office.skill, 1, {office.skill: "SQL"}, access=office.access).id
    two = records.create(office.skill, 1, {office.skill: "Python"}, access=office.access).id
    ivan = office.hire("Иванов", job=office.analyst, skills=["sql", two])
    assert office.cells(ivan) == {
        office.job: Link(office.analyst, "Аналитик"),
        office.skills: (Link(one, "SQL"), Link(two, "Python")),
    }
    records.update(ivan, {office.skills: [two]}, access=office.access)
    assert office.cells(ivan)[office.skills] == (Link(two, "Python"),)
    assert_whole("office")


@pytest.mark.parametrize("bad", ["Директор", 1, 99999999, 2**70, True, {"a": 1}, "127 OR 1=1"])
def test_a_link_to_nothing_is_refused_and_nothing_is_written(office: Office, bad: object) -> None:
    with pytest.raises(InvalidReference):
        office.hire("Иванов", salary=5, job=bad)
    assert reading.count(office.candidate, Q, access=office.access).value == 0


def test_a_value_that_does_not_fit_is_refused_with_its_name(office: Office) -> None:
    with pytest.raises(InvalidValue, match="сто рублей"):
        office.hire("Иванов", salary="сто рублей")
    assert reading.count(office.candidate, Q, access=office.access).value == 0


def test_main_value_and_required_columns_are_asked_for(office: Office) -> None:
    with pytest.raises(ValueRequired):
        office.hire("  ")
    requisites.set_modifiers(office.salary, {"notnull": 1}, access=office.access)
    with pytest.raises(ValueRequired, match="Зарплата"):
        office.hire("Иванов")
    ivan = office.hire("Иванов", salary=1)
    with pytest.raises(ValueRequired):
        records.update(ivan, {office.salary: ""}, access=office.access)


def test_unknown_columns_are_refused(office: Office) -> None:
    with pytest.raises(UnknownField):
        records.create(office.candidate, 1, {office.candidate: "x", office.when: "2025-01-01"}, access=office.access)


def test_size_and_validation(office: Office) -> None:
    requisites.set_modifiers(office.salary, {"SIZE": 3, "VALIDATION": "[1-9][0-9]*"}, access=office.access)
    with pytest.raises(InvalidValue, match="3"):
        office.hire("Иванов", salary=1000)
    with pytest.raises(InvalidValue, match="Зарплата"):
        office.hire("Иванов", salary=0)
    office.hire("Иванов", salary=999)


def test_unique_main_value_is_per_parent_and_unique_column_in_the_table(office: Office) -> None:
    terms.update(office.candidate, base=3, given={"UNIQUE": 1}, access=office.access)
    office.hire("Иванов", salary=1)
    with pytest.raises(NotUnique):
        office.hire("Иванов")
    office.hire("иванов")  # compares case-sensitively
    requisites.set_modifiers(office.salary, {"UNIQUE": 1}, access=office.access)
    with pytest.raises(NotUnique):
        office.hire("Петров", salary="1")
    office.hire("Петров", salary="1.5")
    assert_whole("office")


def test_unique_cannot_be_set_over_rows_that_disagree(office: Office) -> None:
    office.hire("Иванов", salary=1)
    office.hire("Петров", salary=1)
    with pytest.raises(NotUnique):
        requisites.set_modifiers(office.salary, {"UNIQUE": 1}, access=office.access)
    assert not structure.schema("office").requisites[office.salary].unique


def test_sub_records_go_to_the_trash_with_their_parent(office: Office) -> None:
    ivan = office.hire("Иванов", salary=7)
    meeting = records.create(
        office.meeting, ivan, {office.meeting: "Знакомство", office.when: "1.2.2025"}, access=office.access
    ).id
    assert meeting
    assert reading.get(meeting, access=office.access).up == ivan
    records.delete(ivan, access=office.access)
    for gone in (ivan, meeting):
        with pytest.raises(RecordNotFound):
            reading.get(gone, access=office.access)
    assert_whole("office")


def test_what_others_refer_to_is_not_deleted(office: Office) -> None:
    ivan = office.hire("Иванов", job=office.engineer)
    with pytest.raises(HasDependents):
        records.delete(office.engineer, access=office.access)
    records.delete(ivan, access=office.access)
    records.delete(office.engineer, access=office.access)
    with pytest.raises(RecordNotFound):
        records.delete(office.engineer, access=office.access)


def test_a_batch_is_all_or_nothing(office: Office) -> None:
    ivan = office.hire("Иванов", salary=1)
    writes = [Update(ivan, {office.salary: 2}), Create({office.candidate: "Петров", office.salary: "много"})]
    with pytest.raises(InvalidValue):
        records.write(office.candidate, writes, access=office.access)
    assert office.cells(ivan) == {office.salary: "1"}


def test_skip_bad_writes_the_good_and_says_why(office: Office) -> None:
    requisites.set_modifiers(office.salary, {"UNIQUE": 1}, access=office.access)
    ivan = office.hire("Иванов", salary=1)
    results = records.write(
        office.candidate,
        [
            Update(ivan, {office.job: "Инженер"}),
            Create({office.candidate: "Петров", office.salary: "много"}),
            Create({office.candidate: "Сидоров", office.salary: 1}),
            Create({office.candidate: "Яшин", office.salary: 2}),
            Delete(office.engineer),
            Update(12345678, {office.salary: 3}),
        ],
        access=office.access,
        mode=Mode.GOOD,
    )
    assert [r.ok for r in results] == [True, False, False, True, False, False]
    assert isinstance(results[1].fields[office.salary], InvalidValue)
    assert isinstance(results[2].error, NotUnique)
    assert isinstance(results[4].error, RecordNotFound)
    assert isinstance(results[5].error, RecordNotFound)
    names = [r.val for r in reading.page(office.candidate, Q, access=office.access).records]
    assert names == ["Иванов", "Яшин"]
    assert_whole("office")
