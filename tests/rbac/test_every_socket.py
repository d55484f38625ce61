"""Every address of a WebSocket is walked by those who may not be there: none opens, and what is hidden is refused as
what is not there. An address added later is walked too; a part of an unknown name is an error until it is filled in."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connections
from django.test import Client
from django.urls import path

from integram.routing import nowhere, websocket_urlpatterns
from qdm.access import Access, Action
from qdm.services import workspaces
from rbac import grants
from rbac.models import User
from tests.rbac.test_every_address import MISSING, manager_elsewhere
from tests.rbac.world import Agency, agency
from video.models import Source

pytestmark = pytest.mark.django_db(transaction=True)

application = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))

#: Part of an address -> what is there but not for everybody, and what is not there.
Parts = dict[str, tuple[object, object]]


@dataclass
class World:
    """``parts`` of the addresses; cookies of the people, '' for who is not signed in; ``owner``: who may do all."""

    a: Agency
    parts: Parts
    people: dict[str, str]
    owner: str


@pytest.fixture
def world() -> Iterator[World]:
    a = agency("agency")
    root = Access.system(a.world.schema, "tests")
    Source.objects.create(workspace=a.world.workspace, name="camera", sealed_url="x", record_id=a.candidates[0])
    viewer, owner = User.objects.create_user("viewer"), User.objects.create_user("owner")
    grants.grant(viewer, [Action.VIEW], grants.on_table(a.department, access=root), access=root)
    grants.grant(owner, [Action.MANAGE], grants.on_workspace(root), access=root)
    people = {
        "anonymous": "",
        "stranger": cookie(User.objects.create_user("stranger")),
        "viewer of another table": cookie(viewer),
        "manager of another workspace": cookie(manager_elsewhere("other")),
    }
    parts: Parts = {
        "slug": ("agency", "nowhere"),
        "term_id": (a.candidate, MISSING),
        "drone_id": ("camera", "no-camera"),
    }
    yield World(a, parts, people, cookie(owner))
    for slug in ("agency", "other"):
        workspaces.drop(slug, slug)
    connections.close_all()


def cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    return str(client.cookies["sessionid"].value)


def filled(route: str, parts: Parts, missing: str | None = None) -> str:
    """The address; ``missing`` names the part that shall not be there."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(parts[found[1]][found[1] == missing]), route)


async def answer(address: str, session: str) -> tuple[bool, object]:
    """Whether it opened, and with which code it was refused."""
    headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    headers += [(b"cookie", f"sessionid={session}".encode())] if session else []
    socket = WebsocketCommunicator(application, address, headers=headers)
    opened = await socket.connect(timeout=10)
    if opened[0]:
        await socket.disconnect()
    await sync_to_async(connections.close_all)()
    return opened


def test_no_socket_opens_for_who_may_not_be_there_and_the_hidden_is_as_the_missing(world: World) -> None:
    async def walk() -> None:
        for pattern in websocket_urlpatterns:
            route = str(pattern.pattern)
            names = re.findall(r"<(?:\w+:)?(\w+)>", route)
            for person, session in world.people.items():
                there = await answer(filled(route, world.parts), session)
                assert not there[0], (route, person)
                for name in names:
                    assert await answer(filled(route, world.parts, name), session) == there, (route, person, name)

    asyncio.run(walk())


def test_the_walk_would_see_a_socket_that_opens(world: World) -> None:
    assert asyncio.run(answer(filled("w/<slug:slug>/t/<int:term_id>/live", world.parts), world.owner))[0]


def test_a_socket_nobody_has_filled_in_is_found() -> None:
    with pytest.raises(KeyError, match="plan_id"):
        filled(str(path("w/<slug:slug>/plans/<int:plan_id>", nowhere).pattern), {"slug": ("a", "b")})  # type: ignore[arg-type]
