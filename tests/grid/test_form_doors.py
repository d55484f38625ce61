"""Who a form takes letters from, and the address its file is fetched from: set by its owner on a page."""

import pytest
from django.conf import settings
from django.test import Client

from integram.intake.models import MailDoor, WebSource
from qdm.models import UploadForm
from qdm.sheets.forms import definitions
from qdm.sheets.forms.plan import FormPlan, Source
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(staff: Staff) -> UploadForm:
    term = staff.candidates
    return definitions.create(
        "people", "People", term, FormPlan((Source(term, ("Name",)),), (term,)), access=staff.access()
    )


def test_the_owner_opens_and_closes_both_doors(
    form: UploadForm, owner: Client, stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SOURCE_ALLOWED_NETS", ["127.0.0.1/32"])
    page = f"/w/{SLUG}/forms/{form.pk}/doors/"
    assert page in owner.get(f"/w/{SLUG}/forms/{form.pk}/").content.decode()
    sent = {"senders": "a@plant.example\n", "url": "http://127.0.0.1/a.csv", "minutes": "60"}
    assert stranger.post(page, sent).status_code == 404
    assert owner.post(page, sent).status_code == 302
    assert MailDoor.objects.get().senders == "a@plant.example"
    assert WebSource.objects.get().minutes == 60
    WebSource.objects.update(etag="old")
    owner.post(page, sent | {"minutes": "15"})
    assert (WebSource.objects.get().etag, WebSource.objects.get().minutes) == ("old", 15)
    owner.post(page, sent | {"url": "http://127.0.0.1/b.csv"})
    assert WebSource.objects.get().etag == "", "what was known of the address before is not true of the next"
    refused = owner.post(page, sent | {"url": "http://10.0.0.1/a.csv"})
    assert refused.status_code == 422
    owner.post(page, {"senders": "", "url": "", "minutes": "60"})
    assert not MailDoor.objects.exists()
    assert not WebSource.objects.exists()
