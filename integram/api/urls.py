"""Addresses of the interface for programs. They begin with a workspace's slug, so they come after all others."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from integram.api.door import route
from integram.api.views import (
    batch,
    documentation,
    exports,
    files,
    listing,
    objects,
    query,
    structure,
    terms,
    upload_forms,
    webhooks,
)
from qdm.services.workspaces import RESERVED


class WorkspaceConverter(StringConverter):
    """Whatever may be meant as the slug of a workspace; first words of other addresses are not."""

    regex = rf"(?!(?:{'|'.join(sorted(RESERVED))})/)[^/]+"


register_converter(WorkspaceConverter, "workspace")

urlpatterns = [
    path("openapi.json", documentation.openapi, name="openapi"),
    path("docs", documentation.swagger, name="api-docs"),
    path("redoc", documentation.redoc),
    # In order: what is asked most often comes first.
    path("<workspace:db>/objects/graphql", route(POST=listing.by_body)),
    # The same address names a table to read and an object to change.
    path("<workspace:db>/objects/<str:id>", route(GET=listing.by_address, PATCH=objects.update, DELETE=objects.delete)),
    path("<workspace:db>/object/<str:object_id>", route(GET=objects.one)),
    path("<workspace:db>/query/<str:term_id>", route(GET=query.by_address, POST=query.by_body)),
    path("<workspace:db>/objects", route(POST=objects.create)),
    path("<workspace:db>/terms", route(GET=terms.listed, POST=terms.create)),
    path("<workspace:db>/terms/<str:term_id>", route(GET=terms.one, PATCH=terms.update, DELETE=terms.delete)),
    path("<workspace:db>/metadata", route(GET=structure.metadata)),
    path("<workspace:db>/metadata/<str:term_id>", route(GET=structure.metadata_of)),
    path("<workspace:db>/requisites", route(POST=structure.create_requisite)),
    path("<workspace:db>/requisites/<str:term_id>", route(GET=structure.requisites_of)),
    path("<workspace:db>/references", route(POST=structure.create_reference)),
    path("<workspace:db>/references/<str:requisite_id>", route(GET=structure.selectable)),
    path("<workspace:db>/objects/<str:term_id>/export", route(GET=exports.table, POST=exports.template)),
    path("<workspace:db>/exports/<str:export_id>", route(GET=exports.state)),
    path("<workspace:db>/exports/<str:export_id>/file", route(GET=exports.file)),
    path("<workspace:db>/forms", route(GET=upload_forms.listed)),
    path("<workspace:db>/forms/<str:form_id>/files", route(POST=upload_forms.send)),
    path("<workspace:db>/form-runs/<str:run_id>", route(GET=upload_forms.state, POST=upload_forms.decide)),
    path("<workspace:db>/form-runs/<str:run_id>/marked", route(GET=upload_forms.marked)),
    path("<workspace:db>/object/<str:object_id>/files/<str:requisite_id>", route(GET=files.download)),
    path("<workspace:db>/files/<str:requisite_id>", route(POST=files.upload)),
    path("<workspace:db>/batch/<str:term_id>", route(POST=batch.carry_out)),
    path("<workspace:db>/webhooks", route(GET=webhooks.listed, POST=webhooks.create)),
    path(
        "<workspace:db>/webhooks/<str:webhook_id>",
        route(GET=webhooks.one, PATCH=webhooks.update, DELETE=webhooks.delete),
    ),
    path("<workspace:db>/webhooks/<str:webhook_id>/deliveries", route(GET=webhooks.deliveries)),
    path("<workspace:db>/webhooks/<str:webhook_id>/ping", route(POST=webhooks.ping)),
    # Who has no token is told so before anything else, on paths that do not exist too.
    path("<workspace:db>/<path:rest>", route()),
]
