"""Who may see and manage a stream, and that a revoke closes what runs."""

import json
import secrets
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from qdm.access import Access, Action
from qdm.selectors import structure
from rbac import grants
from rbac.models import Token, User
from tests.video.conftest import People
from tests.video.site import Site, close_code, committed, session_cookie, until

pytestmark = pytest.mark.django_db


def statuses(site: Site, token: str, name: str) -> set[int]:
    paths = [("GET", "info"), ("GET", "snapshot"), ("POST", "ticket"), ("GET", "recordings"), ("GET", "stream")]
    return {site.request(method, f"/video/{path}/{name}", token).status for method, path in paths[:-1]}


def handshake(site: Site, token: str, name: str, **options: object) -> int:
    try:
        with site.websocket(token, name, **options) as viewer:
            viewer.recv(5)
    except InvalidStatus as refused:
        return refused.response.status_code
    return 101


def test_members_see_strangers_do_not_and_nobody_else_manages(site: Site, people: People, clip: str) -> None:
    assert statuses(site, people.viewer, clip) == {200}
    assert handshake(site, people.viewer, clip) == 101
    missing = site.request("GET", "/video/info/nope", people.stranger)
    hidden = site.request("GET", f"/video/info/{clip}", people.stranger)
    assert hidden.status == missing.status == 404
    assert hidden.body.replace(clip.encode(), b"nope") == missing.body
    assert statuses(site, people.stranger, clip) == {404}
    assert handshake(site, people.stranger, clip) == 403
    assert site.request("POST", f"/video/disconnect/{clip}", people.stranger).status == 404
    for token in (people.viewer, people.read_only):
        assert site.request("POST", f"/video/disconnect/{clip}", token).status == 403
        body = {"drone_id": "mine", "source_url": "clip.avi", "workspace": "flights"}
        assert site.request("POST", "/video/connect", token, body).status == 403
    assert site.request("GET", "/video/stats", people.stranger).json["streams"] == []
    assert [s["drone_id"] for s in site.request("GET", "/video/stats", people.viewer).json["streams"]] == [clip]


@pytest.fixture
def view_grant(people: People) -> Iterator[None]:
    """Gives the viewer his right back after the test."""
    yield
    access = Access.system(structure.schema("flights"), "video tests")
    committed(lambda: grants.grant(people.viewer_user, [Action.VIEW], grants.on_workspace(access), access=access))


@pytest.mark.usefixtures("view_grant")
def test_a_revoked_grant_closes_sockets_and_mjpeg_within_seconds(site: Site, people: People, clip: str) -> None:
    access = Access.system(structure.schema("flights"), "video tests")
    mjpeg = site.open(f"/video/stream/{clip}", people.viewer)
    with site.websocket(people.viewer, clip) as viewer, site.websocket(people.owner, clip) as other:
        viewer.recv(5)
        mjpeg.read(1000)
        until(lambda: site.info(people.owner, clip)["viewers"] == 3)
        committed(lambda: grants.revoke(people.viewer_user, [Action.VIEW], grants.on_workspace(access), access=access))
        assert close_code(viewer) == 4403
        while mjpeg.read(65536):
            pass
        until(lambda: site.info(people.owner, clip)["viewers"] == 1)
        assert other.recv(5)


def test_an_inactive_user_and_a_deleted_token_end_what_they_opened(site: Site, people: People, clip: str) -> None:
    with site.websocket(people.viewer, clip) as viewer:
        viewer.recv(5)
        committed(lambda: User.objects.filter(pk=people.viewer_user.pk).update(is_active=False))
        assert close_code(viewer) == 4401
    committed(lambda: User.objects.filter(pk=people.viewer_user.pk).update(is_active=True))
    from rbac import tokens

    text = committed(lambda: tokens.create(people.viewer_user, label="short"))
    with site.websocket(text, clip) as viewer:
        viewer.recv(5)
        committed(lambda: Token.objects.filter(label="short").delete())
        assert close_code(viewer) == 4401


def test_a_page_of_this_site_uses_the_session_and_another_site_may_not(site: Site, people: People, clip: str) -> None:
    session, cookie = session_cookie(User.objects.get(pk=people.viewer_user.pk))
    home = f"http://127.0.0.1:{site.port}"
    assert site.request("GET", f"/video/info/{clip}", headers={"Cookie": cookie}).status == 200
    with site.websocket("", clip, headers={"Cookie": cookie}, origin=home) as viewer:
        assert viewer.recv(5)
        committed(session.flush)
        assert close_code(viewer) == 4401
    _session, cookie = session_cookie(User.objects.get(pk=people.viewer_user.pk))
    assert handshake(site, "", clip, headers={"Cookie": cookie}, origin="http://evil.example") == 403
    assert handshake(site, "", clip, headers={"Cookie": cookie}) == 403
    # A session that changes something needs the CSRF token.
    assert site.request("POST", f"/video/ticket/{clip}", headers={"Cookie": cookie}).status == 403


def ticket_for(site: Site, token: str, name: str) -> str:
    return str(site.request("POST", f"/video/ticket/{name}", token).json["ticket"])


def test_a_ticket_opens_its_stream_once(site: Site, people: People, clip: str) -> None:
    ticket = ticket_for(site, people.viewer, clip)
    assert handshake(site, "", clip, subprotocols=[f"ticket.{ticket}"]) == 101
    assert handshake(site, "", clip, subprotocols=[f"ticket.{ticket}"]) == 403
    ticket = ticket_for(site, people.viewer, clip)
    with site.websocket("", clip, subprotocols=["integram.video", f"ticket.{ticket}"]) as viewer:
        assert viewer.subprotocol == "integram.video"
    ticket = ticket_for(site, people.viewer, clip)
    with site.open(f"/video/stream/{clip}?ticket={ticket}", "") as stream:
        assert stream.read(500)
    assert site.request("GET", f"/video/stream/{clip}?ticket={ticket}").status == 403


def test_a_forged_ticket_or_one_for_another_stream_opens_nothing(site: Site, people: People, clip: str) -> None:
    assert site.connect(people.owner, "other", "small.avi")["success"]
    ticket = ticket_for(site, people.viewer, "other")
    assert site.request("GET", f"/video/stream/{clip}?ticket={ticket}").status == 403
    for forged in (ticket[:-1] + "x", secrets.token_urlsafe(32), ".", "a.b.c"):
        assert site.request("GET", f"/video/stream/{clip}?ticket={forged}").status == 403
    site.disconnect(people.owner, "other")


def test_names_may_repeat_between_workspaces_and_then_the_workspace_is_asked_for(
    site: Site, people: People, clip: str
) -> None:
    from rbac import tokens
    from rbac.workspaces import create_workspace

    def second() -> str:
        owner = User.objects.get(username="video-owner")
        create_workspace("hangar", "Ангар", owner)
        return tokens.create(User.objects.get(username="video-superuser"))

    everywhere = committed(second)
    try:
        body = {"drone_id": clip, "source_url": "small.avi"}
        answer = site.request("POST", "/video/connect", people.owner, body)
        assert answer.status == 400
        assert site.connect(people.owner, clip, "small.avi", workspace="hangar")["success"]
        assert site.request("GET", f"/video/info/{clip}", people.owner).status == 409
        assert site.request("GET", f"/video/info/{clip}?workspace=hangar", people.owner).json["width"] in (0, 64)
        assert site.request("GET", f"/video/info/{clip}", people.viewer).status == 200
        # Without a workspace it is the superuser's own.
        assert site.connect(everywhere, "loose", "small.avi")["success"]
        assert site.request("GET", "/video/info/loose", people.owner).status == 404
        assert site.request("GET", "/video/info/loose", people.superuser).status == 404
        assert site.info(everywhere, "loose")["workspace"] is None
        site.disconnect(everywhere, "loose")
        assert site.request("POST", f"/video/disconnect/{clip}?workspace=hangar", people.owner).status == 200
    finally:
        from qdm.services import workspaces

        committed(lambda: workspaces.drop("hangar", "hangar"))


def test_addresses_are_encrypted_in_the_database_and_sources_survive_a_restart(
    site: Site, people: People, clip: str
) -> None:
    from video.models import Source

    source = Source.objects.get(name=clip, workspace__slug="flights")
    assert "clip.avi" not in source.sealed_url
    again = Site(site.var_dir).start()
    try:
        info = again.info(people.viewer, clip)
        assert info["source"] == "clip.avi"
        assert again.connect(people.owner, clip, "clip.avi")["success"] is False
    finally:
        again.stop()


def test_a_second_process_does_not_open_a_camera_that_another_captures(site: Site, people: People, clip: str) -> None:
    second = Site(site.var_dir).start()
    try:
        with site.websocket(people.owner, clip) as viewer, second.websocket(people.owner, clip):
            assert viewer.recv(5)
            error = until(lambda: second.info(people.owner, clip)["error"])
            assert "процесс" in error or "process" in error
    finally:
        second.stop()


def test_json_of_the_ticket_says_how_long_it_lasts(site: Site, people: People, clip: str) -> None:
    body = json.loads(site.request("POST", f"/video/ticket/{clip}", people.viewer).body)
    assert body["expires_in"] == 60
