"""The words of filters, views and column menus in the browser, in the user's language."""

from django.utils.translation import gettext as _


def view_words() -> dict[str, str]:
    """Names as in static/js/sheet; ``%s`` stands for a number or a name."""
    return {
        "addCondition": _("Add a condition"),
        "addGroup": _("Add a group"),
        "allOf": _("All of these hold"),
        "anyOf": _("Any of these holds"),
        "apply": _("Show"),
        "cancel": _("Cancel"),
        "clearFilter": _("Clear the filter"),
        "column": _("Column"),
        "columnType": _("Type…"),
        "columnMenu": _("Menu of the column “%s”"),
        "condition": _("Condition"),
        "date": _("a date"),
        "days": _("Days"),
        "deleteColumn": _("Delete column…"),
        "emptyValue": _("(empty)"),
        "filter": _("Filter"),
        "filterBy": _("Filter by “%s”"),
        "filterValues": _("Filter by values…"),
        "filterWith": _("Filter by a condition…"),
        "freeze": _("Freeze up to here"),
        "group": _("Group by this column"),
        "groupMore": _("There are more groups: narrow the filter."),
        "hideColumn": _("Hide column"),
        "joined": _("How the conditions combine"),
        "lastDays": _("last … days"),
        "moreValues": _("There are more: search for a part of the value."),
        "moveLeft": _("Move left"),
        "moveRight": _("Move right"),
        "nextDays": _("next … days"),
        "noneOf": _("None of these holds"),
        "notAllOf": _("Not all of these hold"),
        "remove": _("Remove"),
        "sortDown": _("Sort descending"),
        "sortUp": _("Sort ascending"),
        "ungroup": _("Group no more"),
        "unfreeze": _("Freeze no columns"),
        "value": _("Value"),
        "valueTo": _("to"),
    }
