"""The front doors of the webmail. One list per room."""

from django.urls import URLPattern, path, register_converter

from webmail.http import StrictFolderConverter
from webmail.views import (
    answers,
    attachments,
    compose,
    conversations,
    folders,
    jobs,
    messages,
    packages,
    pictures,
    search,
    searches,
    sessions,
    settings,
    time_machine,
    transfer,
)
from webmail.views import reading as letters

register_converter(StrictFolderConverter, "folder")
app_name = "webmail"

mailbox: list[URLPattern] = [
    path("", messages.folder, name="inbox"),
    path("folder/<folder:name>/", messages.folder, name="folder"),
    path("folder/<folder:name>/actions/", messages.message_actions, name="message-actions"),
    path("folder/<folder:name>/view/", conversations.folder_view, name="folder-view"),
    path("folder/<folder:name>/previews/", messages.message_previews, name="message-previews"),
    path("folder/<folder:name>/news/", messages.message_news, name="message-news"),
    path("folder/<folder:name>/arrivals/", messages.message_arrivals, name="message-arrivals"),
    path("undo/<int:number>/", messages.undo, name="undo"),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/<int:number>/cancellation/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<int:number>/undo/", jobs.job_undo, name="job-undo"),
    path("actions/", messages.action_list, name="action-list"),
    path("search/", search.search, name="search"),
    path("search/suggestions/", searches.suggestions, name="search-suggestions"),
    path("search/criteria/", searches.criteria, name="search-criteria"),
    path("search/saved/", searches.search_save, name="search-save"),
    path("search/saved/<int:number>/", searches.search_forget, name="search-forget"),
    path("search/actions/", search.search_actions, name="search-actions"),
    path("folders/", folders.folder_list, name="folder-list"),
    path("folders/tree/", folders.folder_tree, name="folder-tree"),
    path("folders/quota/", folders.folder_quota, name="quota"),
    path("folders/<folder:name>/", folders.folder_detail, name="folder-detail"),
    path("folders/<folder:name>/deletion/", folders.folder_delete, name="folder-delete"),
    path("folders/<folder:name>/contents/", folders.folder_empty, name="folder-empty"),
    path("folders/<folder:name>/reading/", folders.folder_read, name="folder-read"),
    path("folders/<folder:name>/role/", transfer.folder_role, name="folder-role"),
    path("folders/<folder:name>/letters/", transfer.folder_import, name="folder-import"),
    path("folders/<folder:name>/folder.mbox", transfer.folder_export, name="folder-export"),
    path("folders/<folder:name>/subscription/", folders.folder_subscription, name="folder-subscription"),
]

_MESSAGE = "folder/<folder:name>/<int:uid>/"
reading: list[URLPattern] = [
    path(_MESSAGE, letters.message, name="message"),
    path(f"{_MESSAGE}conversation/", conversations.conversation, name="conversation"),
    path(f"{_MESSAGE}conversation/letter/", conversations.conversation_letter, name="conversation-letter"),
    path(f"{_MESSAGE}conversation/actions/", conversations.conversation_actions, name="conversation-actions"),
    path(f"{_MESSAGE}body/", letters.message_body, name="message-body"),
    path(f"{_MESSAGE}source/", letters.message_source, name="message-source"),
    path(f"{_MESSAGE}headers/", letters.message_headers, name="message-headers"),
    path(f"{_MESSAGE}print/", letters.message_print, name="message-print"),
    path(f"{_MESSAGE}unsubscription/", answers.message_unsubscription, name="message-unsubscription"),
    path(f"{_MESSAGE}seen/", answers.message_seen, name="message-seen"),
    path(f"{_MESSAGE}manner/", answers.message_manner, name="message-manner"),
    path(f"{_MESSAGE}receipt/", answers.message_receipt, name="message-receipt"),
    path(f"{_MESSAGE}sender/", answers.message_sender, name="message-sender"),
    path(f"{_MESSAGE}contact/", answers.message_contact, name="message-contact"),
    path(f"{_MESSAGE}next/", letters.message_neighbour, {"direction": "next"}, name="message-next"),
    path(
        f"{_MESSAGE}previous/", letters.message_neighbour, {"direction": "previous"}, name="message-previous"
    ),
    path(f"{_MESSAGE}message.eml", attachments.message_file, name="message-file"),
    path(f"{_MESSAGE}attachments.zip", attachments.attachments_zip, name="attachments-zip"),
    path(f"{_MESSAGE}part/<str:section>/", attachments.attachment, name="attachment"),
    path(f"{_MESSAGE}part/<str:section>/package/", packages.package, name="package"),
    path(f"{_MESSAGE}part/<str:section>/package/<int:number>/", packages.package_file, name="package-file"),
    path("picture/<str:token>/", pictures.picture, name="picture"),
    path("compose/", compose.compose_message, name="compose"),
]

own: list[URLPattern] = [
    path("settings/", settings.settings, name="settings"),
    path("settings/keys/", settings.keys, name="keys"),
    path("settings/sessions/", sessions.session_list, name="session-list"),
    path("settings/sessions/others/", sessions.session_end_others, name="session-end-others"),
    path("settings/sessions/<int:number>/", sessions.session_end, name="session-end"),
    path("settings/labels/", settings.label_save, name="label-save"),
    path("settings/labels/deletion/", settings.label_delete, name="label-delete"),
    path("settings/beginning/", settings.settings_reset, name="settings-reset"),
    path("settings/senders/<int:number>/", settings.sender_rule_delete, name="sender-rule-delete"),
]


past: list[URLPattern] = [
    path("time-machine/", time_machine.moments, name="time-machine"),
    path("time-machine/<slug:name>/", time_machine.moment, name="time-machine-moment"),
    path("time-machine/<slug:name>/message/", time_machine.message, name="time-machine-message"),
    path("time-machine/<slug:name>/message/body/", time_machine.body, name="time-machine-body"),
    path("time-machine/<slug:name>/message/message.eml", time_machine.message_file, name="time-machine-file"),
    path("time-machine/<slug:name>/restoration/", time_machine.restoration, name="time-machine-restoration"),
]

urlpatterns = [*mailbox, *reading, *own, *past]
