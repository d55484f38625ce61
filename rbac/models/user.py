"""Who signs in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person or a program, with the preferences the pages are shown in.

    ``known_as`` is how the tables call this person, so that a row filter can say ``Рекрутёр = @me``. Only
    an administrator sets it: whoever could choose it himself could read the rows of another.
    """

    class Language(models.TextChoices):
        RU = "ru", "Русский"
        EN = "en", "English"

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.RU)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    known_as = models.CharField(
        _("name in the tables"),
        max_length=127,
        null=True,
        blank=True,
        help_text=_("How this person is written in the cells of tables; @me in a row filter means this name."),
    )
    #: By what a provider of OpenID Connect or a directory knows this person; None for an account made here.
    subject = models.CharField(_("subject"), max_length=512, null=True, blank=True, unique=True, editable=False)

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="rbac_user_username_without_case",
                violation_error_message=_("A user with this name exists already."),
            ),
            models.UniqueConstraint(
                Lower("known_as"),
                name="rbac_user_known_as_without_case",
                violation_error_message=_("Another user is already called so in the tables."),
            ),
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """The texts that mean this user in a cell: the sign-in name and the name in the tables."""
        return (self.username, self.known_as) if self.known_as else (self.username,)
