"""For whom a fetched mail is, by what its headers say."""

from __future__ import annotations

import time

import pytest

from hospes.channels.models import Channel
from hospes.channels.routing import Routes
from hospes.intake.fetching.recipients import after_headers, message_id_of, recipient_of, sender_of

CARE = Channel(pk=1, address="support@kaldera.example", reply_domain="reply.kaldera.example")
SHOP = Channel(pk=2, address="shop@kaldera.example")
ROUTES = Routes([CARE, SHOP])


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("To: someone@else.example", (CARE, "support@kaldera.example")),
        ("Delivered-To: shop@kaldera.example", (SHOP, "shop@kaldera.example")),
        ("DELIVERED-TO:\r\n <Shop@Kaldera.example>", (SHOP, "Shop@Kaldera.example")),
        ("X-Original-To: shop+vip@kaldera.example", (SHOP, "shop+vip@kaldera.example")),
        ("Delivered-To: nobody@else.example\r\nEnvelope-To: shop@kaldera.example", (SHOP, "shop@kaldera.example")),
        ("Delivered-To: r+1.7.x@reply.kaldera.example", (CARE, "r+1.7.x@reply.kaldera.example")),
        ("To: Us <r+1.7.x@reply.kaldera.example>", (CARE, "r+1.7.x@reply.kaldera.example")),
        ("To: a@b.example, support+r1@kaldera.example", (CARE, "support+r1@kaldera.example")),
        # What a sender writes sends a mail to no other channel.
        ("To: shop@kaldera.example", (CARE, "support@kaldera.example")),
        ("Cc: support@kaldera.example", (CARE, "support@kaldera.example")),
        ("Subject: x\r\n\r\nDelivered-To: shop@kaldera.example", (CARE, "support@kaldera.example")),
        ("Delivered-To: \x00\xff@@,<>", (CARE, "support@kaldera.example")),
        ("", (CARE, "support@kaldera.example")),
    ],
)  # fmt: skip
def test_the_address_a_mail_came_for(head: str, expected: tuple[Channel, str]) -> None:
    assert recipient_of(head.encode("latin-1") + b"\r\n\r\nhello", CARE, ROUTES) == expected


def test_a_desk_that_takes_any_address_lets_no_header_choose() -> None:
    anything = Channel(pk=3, address="", is_catch_all=True)
    body = b"Delivered-To: shop@kaldera.example\r\n\r\n"

    assert recipient_of(body, CARE, Routes([anything])) == (CARE, CARE.address)


def test_where_bounces_go_and_what_a_mail_calls_itself() -> None:
    body = b"Return-Path: <aiko@example.jp>\nMessage-ID:\n <1@example.jp>\nSubject: x\n\none\n\ntwo"

    assert sender_of(body) == "aiko@example.jp"
    assert sender_of(b"Return-Path: <>\r\n\r\n") == ""
    assert message_id_of(body) == b"<1@example.jp>"
    assert message_id_of(b"\xff\x00: nothing") == b""
    assert after_headers(body) == b"one\n\ntwo"
    assert after_headers(b"Subject: no end") == b""


@pytest.mark.parametrize(
    "head",
    [
        b"To: " + b"a@b.example," * 50_000,
        b"Delivered-To: " + b"<" * 60_000,
        b"x" * 10**6,
        b"\n " * 10**5,
    ],
)
def test_no_header_costs_more_than_a_moment(head: bytes) -> None:
    began = time.monotonic()

    recipient_of(head, CARE, ROUTES)
    message_id_of(head)

    assert time.monotonic() - began < 2
