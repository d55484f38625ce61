"""Addresses of the browser's pages. All begin with a word that no workspace may have as its slug."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from integram.grid.views import (
    accounts,
    columns,
    exports,
    history,
    imports,
    people,
    record,
    rights,
    sheet,
    tables,
    workspaces,
)

TABLE = "w/<slug:slug>/t/<int:term_id>/"

pages = [
    path("", workspaces.index, name="workspaces"),
    path("accounts/theme/", accounts.theme, name="theme"),
    path("accounts/language/", accounts.language, name="language"),
    path("accounts/view-as/end/", people.end_viewing, name="view-as-end"),
    path("w/", workspaces.create, name="workspace-create"),
    path("w/<slug:slug>", RedirectView.as_view(pattern_name="grid:workspace")),
    path("w/<slug:slug>/", tables.index, name="workspace"),
    path("w/<slug:slug>/rename/", workspaces.rename, name="workspace-rename"),
    path("w/<slug:slug>/delete/", workspaces.drop, name="workspace-delete"),
    path("w/<slug:slug>/access/", rights.workspace, name="workspace-access"),
    path("w/<slug:slug>/people/", people.index, name="people"),
    path("w/<slug:slug>/history/", history.index, name="history"),
    path("w/<slug:slug>/tables/", tables.create, name="table-create"),
    path("w/<slug:slug>/import/", imports.upload, name="import"),
    path("w/<slug:slug>/import/<int:job_id>/", imports.job, name="import-job"),
    path("w/<slug:slug>/import/<int:job_id>/state", imports.state, name="import-state"),
    path("w/<slug:slug>/import/<int:job_id>/reread/", imports.reread, name="import-reread"),
    path("w/<slug:slug>/import/<int:job_id>/cancel/", imports.cancel, name="import-cancel"),
    path("w/<slug:slug>/import/<int:job_id>/undo/", imports.undo, name="import-undo"),
    path("w/<slug:slug>/export/<int:job_id>/", exports.job, name="export-job"),
    path("w/<slug:slug>/export/<int:job_id>/state", exports.state, name="export-state"),
    path("w/<slug:slug>/export/<int:job_id>/cancel/", exports.cancel, name="export-cancel"),
    path("w/<slug:slug>/export/<int:job_id>/file", exports.download, name="export-file"),
    path(TABLE, sheet.page, name="sheet"),
    path(f"{TABLE}export/", exports.page, name="export"),
    path(f"{TABLE}rows", sheet.rows, name="rows"),
    path(f"{TABLE}batch", sheet.write, name="batch"),
    path(f"{TABLE}undo", sheet.undo, name="undo"),
    path(f"{TABLE}widths", sheet.widths, name="widths"),
    path(f"{TABLE}options/<int:column_id>", sheet.options, name="options"),
    path(f"{TABLE}rename/", tables.rename, name="table-rename"),
    path(f"{TABLE}delete/", tables.delete, name="table-delete"),
    path(f"{TABLE}access/", rights.table, name="table-access"),
    path(f"{TABLE}columns/", columns.create, name="column-create"),
    path(f"{TABLE}columns/<int:column_id>/", columns.change, name="column"),
    path(f"{TABLE}columns/<int:column_id>/access/", rights.column, name="column-access"),
    path(f"{TABLE}columns/<int:column_id>/delete/", columns.delete, name="column-delete"),
    path(f"{TABLE}r/<int:record_id>/", record.page, name="record"),
    path(f"{TABLE}r/<int:record_id>/history/", history.of_record, name="record-history"),
    path(f"{TABLE}r/<int:record_id>/access/", rights.record, name="record-access"),
    path(f"{TABLE}r/<int:record_id>/delete/", record.delete, name="record-delete"),
]

urlpatterns = [
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", accounts.PasswordChange.as_view(), name="password_change"),
    path("accounts/choose/<uidb64>/<token>/", accounts.PasswordChoice.as_view(), name="password_choose"),
    path("", include((pages, "grid"))),
]
