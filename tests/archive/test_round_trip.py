"""An archive gives back exactly the workspace it was made of, or says what is wrong with it and changes nothing."""

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from integram import archive
from integram.api.models import Webhook
from integram.archive import BadArchive
from integram.intake.models import WebSource
from qdm.access import Access, Action
from qdm.errors import InvalidValue, NameTaken
from qdm.models import UploadForm, Workspace
from qdm.selectors import changes, history, structure
from qdm.services import batches, terms, workspaces
from qdm.services.transaction import batch
from rbac import grants
from rbac.models import Guard, GuardGroup, GuardUser, Lock, Role, User
from tests.archive.state import state
from tests.archive.surroundings import surround
from tests.db.projections import differences
from tests.db.test_projection_property import Walk
from tests.grid import staff as world
from tests.grid.staff import SLUG, Staff
from video.models import Source

pytestmark = pytest.mark.django_db


def _grant_at_random(walk: Walk, people: list[User | Group]) -> None:
    access = walk.access
    for _n in range(6):
        term_id = walk.pick_term()
        record = walk.pick_record(term_id)
        requisite = walk.pick_requisite()
        place = grants.on_table(term_id, access=access)
        if record and walk.random.random() < 0.5:
            place = grants.on_record(record, access=access)
        elif requisite and walk.random.random() < 0.5:
            place = grants.on_field(requisite, access=access)
        if walk.random.random() < 0.3:
            grants.lock(place, walk.random.choice([Lock.VIEW, Lock.CHANGE]), access=access)
        actions = walk.random.sample(grants.ACTIONS_OF[place.kind], k=2)
        grants.grant(walk.random.choice(people), actions, place, access=access)


@settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate]
)
@given(seed=st.integers(0, 10**9))
def test_round_trip_is_identity(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("archive")
    path = folder / "a.integram"
    with override_settings(MEDIA_ROOT=folder / "media"), transaction.atomic():
        walk = Walk(seed)
        for _n in range(20):
            walk.step()
        people = [User.objects.create_user("anna"), Group.objects.create(name="Отдел кадров")]
        _grant_at_random(walk, people)
        original = Workspace.objects.get(slug=walk.slug)
        surround(original, walk.pick_term(), walk.pick_record(walk.pick_term()), people[0], walk.random)
        original.refresh_from_db()
        before = state(walk.slug)
        archive.dump(original, path)

        copy = archive.restore(path, slug="copy")
        # A copy beside the original tells nobody outside, and its forms have names of their own in the inbox.
        all_off = [[(name, False) for name, _on in part] for part in before["switched_on"]]
        names = [(title, f"{name}-2") for title, name in before["form_names"]]
        assert state("copy") == before | {"switched_on": all_off, "form_names": names}
        was_on = any(on for part in before["switched_on"] for _name, on in part)
        assert len(copy.notes) == len(names) + was_on + 1, "names of forms, what is off, names in cells of pictures"

        workspaces.drop(walk.slug, walk.slug)
        restored = archive.restore(path)
        assert restored.notes == []
        again = restored.workspace
        assert (again.slug, again.title, again.created_at) == (walk.slug, original.title, original.created_at)
        assert state(walk.slug) == before
        assert differences(walk.slug) == []
        # It is alive: ids, versions and batches go on, projections follow.
        assert terms.create("Новая", 3, access=walk.access).id not in {row[0] for row in before["node"]}
        assert differences(walk.slug) == []
        transaction.set_rollback(True)


@pytest.fixture
def staff() -> Staff:
    return world.make()


@pytest.fixture
def dumped(staff: Staff, tmp_path: Path) -> Path:
    staff.add(50)
    path = tmp_path / "staff.integram"
    call_command("dump_workspace", SLUG, "-o", path)
    return path


def _drop_and_restore(path: Path) -> archive.Restored:
    workspaces.drop(SLUG, SLUG)
    return archive.restore(path)


def test_an_import_before_the_dump_can_be_undone_after_the_restore(staff: Staff, tmp_path: Path) -> None:
    access = staff.access()
    with batch(access, "import") as batch_id:
        made = staff.add(5)
    archive.dump(Workspace.objects.get(slug=SLUG), tmp_path / "a")
    _drop_and_restore(tmp_path / "a")
    assert batches.undo(batch_id, access=staff.access()).removed == len(made)
    assert differences(SLUG) == []


def test_a_point_of_before_is_told_everything_and_a_new_one_nothing(staff: Staff, tmp_path: Path) -> None:
    """Ids of transactions of the old workspace, or of another cluster, must not hide a change from a live sheet."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()::text")
        (own,) = cursor.fetchone()
    old = f"{own}:{own}:"  # all there was before this test's one transaction
    made = staff.add(3)
    archive.dump(Workspace.objects.get(slug=SLUG), tmp_path / "a")
    _drop_and_restore(tmp_path / "a")
    access = staff.access()
    assert sorted(changes.since(staff.candidates, old, access=access) or []) == made
    with connection.cursor() as cursor:
        cursor.execute("select count(distinct xid), min(xid) = pg_current_xact_id() from ws_staff.batch")
        assert cursor.fetchone() == (1, True)


def test_people_are_known_by_name_and_history_is_nobody_elses(staff: Staff, dumped: Path) -> None:
    """Where the ids of people are others, what one did is not shown to whoever has his id now."""
    workspaces.drop(SLUG, SLUG)
    old_id = staff.owner.pk
    staff.owner.delete()
    User.objects.create_user("stranger", id=old_id)
    owner = User.objects.create_user("owner")
    archive.restore(dumped)
    system = Access.system(structure.schema(SLUG), "test")
    assert {found.actor_id for found in history.batches(access=system)} <= {owner.pk, None}
    assert staff.access(owner).can(Action.MANAGE)


def test_people_who_are_not_here_are_named_or_made_on_demand(staff: Staff, dumped: Path) -> None:
    workspaces.drop(SLUG, SLUG)
    staff.owner.delete()
    left_out = archive.restore(dumped)
    assert any("owner" in note for note in left_out.notes)
    assert not GuardUser.objects.filter(workspace=left_out.workspace).exists()
    workspaces.drop(SLUG, SLUG)
    made = archive.restore(dumped, make_people=True)
    owner = User.objects.get(username="owner")
    assert made.notes == []
    assert not owner.is_active
    assert not owner.has_usable_password()
    assert GuardUser.objects.get(workspace=made.workspace).user == owner


def test_roles_come_with_their_members_but_a_copy_does_not_take_another_workspaces(
    staff: Staff, tmp_path: Path
) -> None:
    workspace = Workspace.objects.get(slug=SLUG)
    group = Group.objects.create(name="Рекрутёры")
    Role.objects.create(group=group, workspace=workspace)
    member = User.objects.create_user("member")
    group.user_set.add(member)
    grants.grant(group, [Action.VIEW], grants.on_table(staff.candidates, access=staff.access()), access=staff.access())
    archive.dump(workspace, tmp_path / "a")
    copy = archive.restore(tmp_path / "a", slug="copy")
    assert any("Рекрутёры" in note for note in copy.notes)
    assert not GuardGroup.objects.filter(workspace=copy.workspace).exists()
    workspaces.drop("copy", "copy")
    group.delete()
    restored = _drop_and_restore(tmp_path / "a")
    assert restored.notes == []
    assert Role.objects.get(workspace=restored.workspace).group.user_set.get() == member
    assert GuardGroup.objects.get(workspace=restored.workspace).group.name == "Рекрутёры"


def test_streams_and_saved_pictures_come_back(staff: Staff, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (record,) = staff.add(1)
    source = Source(workspace=Workspace.objects.get(slug=SLUG), name="gate", record_id=record, created_by=staff.owner)
    source.url = "rtsp://user:secret@camera/1"
    source.save()
    picture = default_storage.save(f"video/{SLUG}/{record}/one.jpg", ContentFile(b"\xff\xd8picture"))
    archive.dump(source.workspace, tmp_path / "a")
    default_storage.delete(picture)
    restored = _drop_and_restore(tmp_path / "a")
    back = Source.objects.get(workspace=restored.workspace)
    assert (back.name, back.url, back.record_id, back.created_by) == ("gate", source.url, record, staff.owner)
    assert default_storage.open(picture).read() == b"\xff\xd8picture"


def test_upload_forms_come_back_with_their_owner_and_without_their_link(staff: Staff, tmp_path: Path) -> None:
    workspace = Workspace.objects.get(slug=SLUG)
    plan = {"sheets": [1, "два"]}
    made = {"slug": "prices", "title": "Цены", "term": staff.candidates, "plan": plan, "automatic": 2.5}
    UploadForm.objects.create(workspace=workspace, owner=staff.owner.pk, digest=b"x" * 32, **made)
    archive.dump(workspace, tmp_path / "a")
    restored = _drop_and_restore(tmp_path / "a")
    (form,) = UploadForm.objects.filter(workspace=restored.workspace)
    assert {name: getattr(form, name) for name in made} == made
    assert (form.owner, form.digest) == (staff.owner.pk, None)


def test_a_taken_or_impossible_short_name_is_said(dumped: Path) -> None:
    with pytest.raises(NameTaken):
        archive.restore(dumped)
    with pytest.raises(InvalidValue):
        archive.restore(dumped, slug="Не то")
    with pytest.raises(CommandError, match=SLUG):
        call_command("restore_workspace", dumped)


def _everything() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("select nspname from pg_namespace where nspname like 'ws\\_%' order by 1")
        schemas = cursor.fetchall()
    return schemas, list(Workspace.objects.values_list("slug", "title")), Guard.objects.count(), User.objects.count()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10**9))
def test_a_damaged_file_changes_nothing_and_says_why(seed: int, dumped: Path) -> None:
    """One bit is other or the end is missing: refused, or, where the bit meant nothing, the same workspace."""
    chance = random.Random(seed)
    whole = bytearray(dumped.read_bytes())
    if chance.random() < 0.3:
        del whole[chance.randrange(len(whole)) :]
    else:
        whole[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
    damaged = dumped.with_name("damaged")
    damaged.write_bytes(whole)
    before = _everything()
    with transaction.atomic():
        try:
            archive.restore(damaged, slug="other")
        except BadArchive:
            assert _everything() == before
        else:
            assert state("other")["node"] == state(SLUG)["node"]
            transaction.set_rollback(True)


@pytest.mark.parametrize("content", [b"", b"not an archive at all", b"PK\3\4 but no more"])
def test_a_foreign_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(BadArchive):
        archive.restore(tmp_path / "f")


def test_a_foreign_zip_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as other:
        other.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(BadArchive):
        archive.restore(tmp_path / "z.xlsx")
    with pytest.raises(BadArchive):
        archive.restore(tmp_path / "nothing")


def test_an_archive_of_a_later_version_is_refused(dumped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "VERSION", 0)
    with pytest.raises(BadArchive, match=r"later|новой"):
        archive.restore(dumped, slug="other")


def test_a_dump_that_fails_leaves_the_last_good_file(
    staff: Staff, dumped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = dumped.read_bytes()

    def full(_digests: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive._Writer, "end", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("dump_workspace", SLUG, "-o", dumped)
    assert dumped.read_bytes() == good
    assert sorted(path.name for path in dumped.parent.iterdir()) == [dumped.name]


def test_addresses_with_keys_are_sealed_in_the_file_and_asked_for_anew_under_another_secret(
    staff: Staff, tmp_path: Path, settings: Any
) -> None:
    workspace = Workspace.objects.get(slug=SLUG)
    surround(workspace, staff.candidates, None, staff.owner, random.Random(7))
    archive.dump(workspace, tmp_path / "a")
    with zipfile.ZipFile(tmp_path / "a") as file:
        assert not [name for name in file.namelist() if b"secret" in file.read(name) or b"/hook/" in file.read(name)]
    settings.SECRET_KEY = "another-secret-key-of-another-installation"
    restored = _drop_and_restore(tmp_path / "a")
    assert not Webhook.objects.filter(workspace=restored.workspace).exists()
    assert not WebSource.objects.filter(form__workspace=restored.workspace).exists()
    assert sum("SECRET_KEY" in note for note in restored.notes) >= 3


def test_an_archive_of_before_there_were_deliveries_and_webhooks_is_taken(staff: Staff, dumped: Path) -> None:
    older = dumped.with_name("older")
    with zipfile.ZipFile(dumped) as new, zipfile.ZipFile(older, "w") as old:
        left = {"views.jsonl", "deliveries.jsonl", "webhooks.jsonl"}
        digests = json.loads(new.read(archive.CHECKSUMS))
        for name in new.namelist():
            if name not in left | {archive.CHECKSUMS}:
                old.writestr(name, new.read(name))
        old.writestr(archive.CHECKSUMS, json.dumps({name: digests[name] for name in digests.keys() - left}))
    assert _drop_and_restore(older).notes == []


def test_a_restored_webhook_is_told_of_what_comes_and_not_of_what_the_archive_brought(
    staff: Staff, tmp_path: Path
) -> None:
    staff.add(3)
    workspace = Workspace.objects.get(slug=SLUG)
    made = {"term_id": staff.candidates, "url": "https://example.org/hook", "nonce": "n", "seen": "1:1:"}
    Webhook.objects.create(workspace=workspace, owner=staff.owner, **made)
    archive.dump(workspace, tmp_path / "a")
    _drop_and_restore(tmp_path / "a")
    webhook = Webhook.objects.get()
    assert changes.since(staff.candidates, webhook.seen, access=staff.access()) == []
