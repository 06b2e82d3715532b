"""The front doors of the webmail. One list per room."""

from django.urls import URLPattern, path, register_converter

from webmail.http import StrictFolderConverter
from webmail.views import folders, messages, search

register_converter(StrictFolderConverter, "folder")
app_name = "webmail"

mailbox: list[URLPattern] = [
    path("", messages.folder, name="inbox"),
    path("folder/<folder:name>/", messages.folder, name="folder"),
    path("folder/<folder:name>/actions/", messages.message_actions, name="message-actions"),
    path("folder/<folder:name>/previews/", messages.message_previews, name="message-previews"),
    path("folder/<folder:name>/news/", messages.message_news, name="message-news"),
    path("undo/<int:number>/", messages.undo, name="undo"),
    path("actions/", messages.action_list, name="action-list"),
    path("search/", search.search, name="search"),
    path("folders/", folders.folder_list, name="folder-list"),
    path("folders/tree/", folders.folder_tree, name="folder-tree"),
    path("folders/<folder:name>/", folders.folder_detail, name="folder-detail"),
    path("folders/<folder:name>/deletion/", folders.folder_delete, name="folder-delete"),
    path("folders/<folder:name>/contents/", folders.folder_empty, name="folder-empty"),
    path("folders/<folder:name>/reading/", folders.folder_read, name="folder-read"),
    path("folders/<folder:name>/subscription/", folders.folder_subscription, name="folder-subscription"),
]

reading: list[URLPattern] = []

urlpatterns = [*mailbox, *reading]
