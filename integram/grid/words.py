"""The words the live grid shows, in the user's language."""

from django.utils.translation import gettext as _


def sheet_words() -> dict[str, str]:
    """Names as in static/js/sheet; ``%s`` stands for a number already written in the user's way."""
    return {
        "average": _("Average"),
        "bad": _("This text does not fit the type of the column."),
        "calendar": _("Calendar"),
        "createOption": _("Create “%s”"),
        "chooseFile": _("Choose a file…"),
        "columnSettings": _("Change the column"),
        "deleted": _("The rows are deleted."),
        "dropFile": _("Or drop a file here, or paste a picture."),
        "empty": _("empty"),
        "headersCopied": _("Copied with the headings."),
        "hidden": _("no access"),
        "moreOptions": _("There are more: type a part of the name."),
        "no": _("no"),
        "noOptions": _("Nothing found."),
        "offline": _("No connection: what you typed is kept and will be sent."),
        "open": _("Open the row"),
        "refused": _("Cells not saved: %s"),
        "removeFile": _("Take “%s” out"),
        "replaceFile": _("Replace…"),
        "required": _("Must be filled"),
        "row": _("Row"),
        "rows": _("Rows: %s"),
        "saved": _("Everything is saved"),
        "saving": _("Saving…"),
        "savingRows": _("Saving… rows left: %s"),
        "search": _("Search"),
        "sum": _("Sum"),
        "tooManyCells": _("That is too many cells at once: 50,000 at most."),
        "unanswered": _("The server does not answer: what you typed is kept and will be sent."),
        "undo": _("Undo"),
        "undoConflict": _("Somebody else has changed this meanwhile: nothing was taken back."),
        "undoing": _("Undoing… rows done: %s"),
        "unnamed": _("(no name)"),
        "yes": _("yes"),
    }
