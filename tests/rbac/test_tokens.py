"""Bearer tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from rbac import tokens
from rbac.errors import TokenInvalid, TokenMalformed, TokenMissing
from rbac.models import Token, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna")


def test_a_token_signs_its_user_in(anna: User) -> None:
    text = tokens.create(anna, read_only=True, label="script")
    user, token = tokens.authenticate(f"Bearer {text}")
    assert user == anna
    assert token.read_only
    assert token.last_used is not None or Token.objects.get().last_used is not None


def test_the_text_of_a_token_is_stored_nowhere(anna: User) -> None:
    text = tokens.create(anna)
    row = Token.objects.values().get()
    assert text not in str(row)
    assert len(bytes(row["digest"])) == 32


@pytest.mark.parametrize("header", [None, ""])
def test_no_header_is_a_missing_token(header: str | None) -> None:
    with pytest.raises(TokenMissing):
        tokens.authenticate(header)


@pytest.mark.parametrize("header", ["Basic abc", "bearer abc", "Bearer", "Bearer ", "token"])
def test_another_scheme_is_a_malformed_token(header: str) -> None:
    with pytest.raises(TokenMalformed):
        tokens.authenticate(header)


def test_an_unknown_token_is_invalid() -> None:
    with pytest.raises(TokenInvalid):
        tokens.authenticate("Bearer itg_unknown")


def test_an_expired_token_is_invalid(anna: User) -> None:
    text = tokens.create(anna, expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(TokenInvalid):
        tokens.authenticate(f"Bearer {text}")


def test_the_token_of_an_inactive_user_is_invalid(anna: User) -> None:
    text = tokens.create(anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    with pytest.raises(TokenInvalid):
        tokens.authenticate(f"Bearer {text}")
