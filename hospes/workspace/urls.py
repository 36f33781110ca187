"""Addresses of the workspace. Verbs are resources: closing is POST to `closure/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from hospes.workspace.views import (
    conversations, customers, entering, files, handling, inbox, mail, me, palette, saying, settings, setup,
)  # fmt: skip

urlpatterns: list[URLPattern] = [
    path("", inbox.home, name="home"),
    path("inbox/counts/", inbox.counts, name="counts"),
    path("inbox/<slug:view>/", inbox.inbox, name="inbox"),
    path("inbox/<slug:view>/rows/", inbox.rows, name="rows"),
    path("c/<str:reference>/", conversations.show, name="conversation"),
    path("c/<str:reference>/entries/", conversations.entries, name="entries"),
    path("c/<str:reference>/reply/", saying.reply, name="reply"),
    path("c/<str:reference>/note/", saying.note, name="note"),
    path("c/<str:reference>/drafts/<slug:kind>/", saying.draft, name="draft"),
    path("c/<str:reference>/assignment/", handling.assignment, name="assignment"),
    path("c/<str:reference>/closure/", handling.closure, name="closure"),
    path("c/<str:reference>/reopening/", handling.reopening, name="reopening"),
    path("c/<str:reference>/snooze/", handling.snooze, name="snooze"),
    path("c/<str:reference>/queue/", handling.queue, name="queue"),
    path("c/<str:reference>/presence/", handling.presence, name="presence"),
    path("m/<int:message_id>/unsend/", saying.unsend, name="unsend"),
    path("m/<int:message_id>/resend/", saying.resend, name="resend"),
    path("m/<int:message_id>/settlement/", saying.settle, name="settle"),
    path("m/<int:message_id>/frame/", files.frame, name="frame"),
    path("m/<int:message_id>/raw/", files.raw, name="message_raw"),
    path("files/<int:attachment_id>/<path:name>", files.attachment, name="attachment"),
    path("palette/", palette.find, name="palette"),
    path("customers/<int:customer_id>/", customers.show, name="customer"),
    path("me/", me.show, name="me"),
    path("sign-in/<str:token>/", entering.by_link, name="sign_in_link"),
    path("setup/", setup.start, name="setup"),
    path("setup/<slug:step>/", setup.step, name="setup_step"),
    path("settings/", settings.index, name="settings"),
    path("settings/team/", settings.team, name="settings_team"),
    path("settings/team/<int:agent_id>/", settings.agent, name="settings_agent"),
    path("settings/channels/", settings.channels, name="settings_channels"),
    path("settings/channels/<int:channel_id>/", settings.channel, name="settings_channel"),
    path("settings/outgoing/", settings.outgoing, name="settings_outgoing"),
    path("settings/brand/", settings.brand, name="settings_brand"),
    path("settings/mail/", mail.index, name="settings_mail"),
    path("settings/mail/<int:raw_id>/", mail.decide, name="settings_mail_decide"),
    path("settings/mail/<int:raw_id>/raw/", mail.raw, name="settings_mail_raw"),
]
