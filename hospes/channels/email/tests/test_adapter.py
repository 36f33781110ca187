"""Letters handed to real servers, and what we know after each way it can break."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from hospes.channels.contract import Address, AnswerLost, DeliveryFailed, OutboundFile
from hospes.channels.email.adapter import MailAdapter
from hospes.channels.email.parsing import parse
from hospes.channels.email.smtp import Server
from hospes.channels.email.tests.servers import HOST, Desk, breaking, running, self_signed
from hospes.channels.email.tests.test_compose import LETTER


class Dots:
    """Counts how often a letter came to its dot."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


def plain(port: int, timeout: float = 10) -> MailAdapter:
    return MailAdapter(HOST, port, security="none", timeout=timeout)


# Taken ------------------------------------------------------------------------------------------


def test_a_letter_is_taken_and_the_servers_words_kept() -> None:
    desk, dots = Desk(), Dots()
    letter = replace(
        LETTER,
        text="One\n.\n..two\n",
        cc=(Address("", "kim@kunde.example"), Address("", "MINA@kunde.example")),
        envelope_from="b+1@bounce.desk.example",
        headers={"X-Hospes-Loop": "here"},
    )
    with running(desk) as port:
        assert plain(port).send(letter, on_dot=dots) == "2.0.0 queued as 4711"
    [envelope] = desk.envelopes
    assert envelope.mail_from == "b+1@bounce.desk.example"
    assert envelope.rcpt_tos == ["mina@kunde.example", "kim@kunde.example", "MINA@kunde.example"]
    assert parse(envelope.content or b"").text == "One\n.\n..two"
    assert dots.count == 1


def test_a_letter_without_a_way_back_has_an_empty_sender() -> None:
    desk = Desk()
    with running(desk) as port:
        plain(port).send(LETTER)
    assert desk.envelopes[0].mail_from == "<>"


class Strict(Desk):
    """Takes nothing without a sender, as servers do that people sign in to."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.step == "MAIL" and address == "<>":
            return "550 5.7.60 may not send as this sender"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.step == "RCPT" and envelope.mail_from == "<>":
            return "550 5.7.1 null sender"
        return await super().handle_RCPT(server, session, envelope, address, options)


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_server_that_takes_nothing_without_a_sender_is_given_one(step: str) -> None:
    desk, dots = Strict(step), Dots()
    with running(desk) as port:
        plain(port).send(LETTER, on_dot=dots)
    assert [one.mail_from for one in desk.envelopes] == [LETTER.from_.address]
    assert dots.count == 1


def test_starttls_and_the_sign_in_come_before_the_letter(tmp_path: Path) -> None:
    desk, identity = Desk(), self_signed(tmp_path)
    with running(
        desk, tls_context=identity.server, require_starttls=True, auth_required=True
    ) as port:
        adapter = MailAdapter(
            HOST, port, username="mina", password="secret: 1/2", context=identity.client
        )
        adapter.check()
        adapter.send(LETTER)
    assert len(desk.envelopes) == 1


def test_tls_from_the_start(tmp_path: Path) -> None:
    desk, identity = Desk(), self_signed(tmp_path)
    with running(desk, ssl_context=identity.server) as port:
        MailAdapter(HOST, port, security="tls", context=identity.client).send(LETTER)
    assert len(desk.envelopes) == 1


def test_the_end_of_the_certificate_is_told_with_each_connection(tmp_path: Path) -> None:
    identity, told = self_signed(tmp_path), list[datetime]()
    for security, how in (("tls", "ssl_context"), ("starttls", "tls_context"), ("none", "")):
        with running(Desk(), **({how: identity.server} if how else {})) as port:
            MailAdapter(
                HOST, port, security=security, context=identity.client, on_certificate=told.append
            ).check()

    assert len(told) == 2
    assert all(timedelta(0) < end - datetime.now(UTC) < timedelta(days=1) for end in told)


def test_an_address_beyond_ascii_goes_to_a_server_that_takes_it() -> None:
    desk = Desk()
    letter = replace(LETTER, to=(Address("", "jürgen@bücher.example"),))
    with running(desk, enable_SMTPUTF8=True) as port:
        plain(port).send(letter)
    assert desk.envelopes[0].rcpt_tos == ["jürgen@xn--bcher-kva.example"]
    with running(desk, enable_SMTPUTF8=False) as port, pytest.raises(DeliveryFailed) as failure:
        plain(port).send(letter)
    assert failure.value.permanent


# Refused ----------------------------------------------------------------------------------------


def test_a_certificate_nobody_vouches_for_stops_the_letter(tmp_path: Path) -> None:
    desk, identity = Desk(), self_signed(tmp_path)
    with (
        running(desk, tls_context=identity.server) as port,
        pytest.raises(DeliveryFailed) as failure,
    ):
        MailAdapter(HOST, port).send(LETTER)
    assert "certificate" in failure.value.reason.lower()
    assert not failure.value.permanent
    assert desk.envelopes == []


def test_a_server_without_starttls_gets_nothing_in_the_clear() -> None:
    desk = Desk()
    with running(desk) as port, pytest.raises(DeliveryFailed, match="STARTTLS") as failure:
        MailAdapter(HOST, port, username="mina", password="secret: 1/2").send(LETTER)
    assert not failure.value.permanent
    assert desk.envelopes == []


@pytest.mark.parametrize("password", ["wrong", "fälsch"])
def test_a_wrong_password_is_told_and_costs_no_letter(tmp_path: Path, password: str) -> None:
    identity = self_signed(tmp_path)
    with running(Desk(), tls_context=identity.server, auth_required=True) as port:
        adapter = MailAdapter(
            HOST, port, username="mina", password=password, context=identity.client
        )
        for attempt in (adapter.check, lambda: adapter.send(LETTER)):
            with pytest.raises(DeliveryFailed) as failure:
                attempt()
            assert (failure.value.permanent, failure.value.answered) == (False, True)


def test_a_server_that_wants_a_sign_in_costs_no_letter(tmp_path: Path) -> None:
    identity = self_signed(tmp_path)
    wants_sign_in = running(Desk(), tls_context=identity.server, auth_required=True)
    with wants_sign_in as port, pytest.raises(DeliveryFailed, match="530") as failure:
        MailAdapter(HOST, port, context=identity.client).send(LETTER)
    assert not failure.value.permanent


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 5.1.1 nobody", True), ("450 4.2.1 later", False)]
)
def test_a_letter_all_recipients_of_which_are_refused_is_not_sent(
    answer: str, permanent: bool
) -> None:
    desk, dots = Desk(refused={"mina@kunde.example": answer}), Dots()
    with running(desk) as port, pytest.raises(DeliveryFailed) as failure:
        plain(port).send(LETTER, on_dot=dots)
    assert (failure.value.reason, failure.value.permanent) == (answer, permanent)
    assert (desk.envelopes, dots.count) == ([], 0)


def test_recipients_refused_are_named_when_others_get_the_letter() -> None:
    desk = Desk(refused={"kim@kunde.example": "550 5.1.1 nobody"})
    refused: dict[str, str] = {}
    letter = replace(LETTER, cc=(Address("", "kim@kunde.example"),))
    with running(desk) as port:
        plain(port).send(letter, on_refused=refused.update)
    assert desk.envelopes[0].rcpt_tos == ["mina@kunde.example"]
    assert refused == {"kim@kunde.example": "550 5.1.1 nobody"}


@pytest.mark.parametrize(
    ("answer", "permanent"), [("554 5.7.1 spam", True), ("451 4.3.0 busy", False)]
)
def test_a_letter_refused_after_its_dot_is_known_to_be_refused(
    answer: str, permanent: bool
) -> None:
    dots = Dots()
    with running(Desk(answer=answer)) as port, pytest.raises(DeliveryFailed) as failure:
        plain(port).send(LETTER, on_dot=dots)
    assert (failure.value.reason, failure.value.permanent) == (answer, permanent)
    assert dots.count == 1


def test_a_letter_too_large_is_refused_before_it_is_sent() -> None:
    file = OutboundFile("a.bin", "application/octet-stream", b"x" * 5000)
    with (
        running(Desk(), data_size_limit=4000) as port,
        pytest.raises(DeliveryFailed, match="4000") as failure,
    ):
        plain(port).send(replace(LETTER, files=(file,)))
    assert failure.value.permanent


# Broken off -------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DeliveryFailed) as failure:
        plain(port).send(LETTER)
    assert (failure.value.permanent, failure.value.answered) == (False, False)


@pytest.mark.parametrize("point", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_what_breaks_before_the_text_is_tried_again(point: str) -> None:
    dots = Dots()
    with breaking(point) as talk, pytest.raises(DeliveryFailed) as failure:
        plain(talk.port).send(LETTER, on_dot=dots)
    assert (failure.value.permanent, failure.value.answered, dots.count) == (False, False, 0)


def test_a_server_that_dies_over_the_text_never_got_the_dot() -> None:
    large = replace(
        LETTER, files=(OutboundFile("a.bin", "application/octet-stream", b"x" * 10**7),)
    )
    dots = Dots()
    with breaking("text") as talk, pytest.raises(DeliveryFailed) as failure:
        plain(talk.port).send(large, on_dot=dots)
    assert (failure.value.permanent, dots.count, talk.got_the_dot) == (False, 0, False)


@pytest.mark.parametrize("farewell", [b"", b"25", b"250-still\r\n", b"nonsense\r\n"])
def test_no_answer_after_the_dot_is_its_own_case(farewell: bytes) -> None:
    dots = Dots()
    with breaking("dot", farewell) as talk, pytest.raises(AnswerLost):
        plain(talk.port).send(LETTER, on_dot=dots)
    assert (dots.count, talk.got_the_dot) == (1, True)


def test_an_answer_is_an_answer_even_when_the_server_hangs_up_after_it() -> None:
    with breaking("dot", b"250 2.0.0 kept\r\n") as talk:
        assert plain(talk.port).send(LETTER) == "2.0.0 kept"


def test_a_letter_whose_dot_cannot_be_noted_is_not_sent() -> None:
    class DatabaseGone(Exception):
        pass

    def on_dot() -> None:
        raise DatabaseGone

    desk = Desk()
    with running(desk) as port, pytest.raises(DatabaseGone):
        plain(port).send(LETTER, on_dot=on_dot)
    assert desk.envelopes == []


def test_a_server_that_never_answers_is_waited_for_only_so_long() -> None:
    with socket.create_server((HOST, 0)) as silent, pytest.raises(DeliveryFailed) as failure:
        plain(silent.getsockname()[1], timeout=0.05).check()
    assert (failure.value.permanent, failure.value.answered) == (False, False)


# Addresses of servers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 587, "starttls")),
        ("smtps://mail.example", Server("mail.example", 465, "tls")),
        ("smtp://mail.example?security=none", Server("mail.example", 25, "none")),
        (
            "smtp://mina%40desk.example:se%3Acret%2F@mail.example:2525?security=tls",
            Server("mail.example", 2525, "tls", "mina@desk.example", "se:cret/"),
        ),
        ("smtp://127.0.0.1:1025", Server("127.0.0.1", 1025, "none", "", "")),
        ("smtp://localhost:1025?security=starttls", Server("localhost", 1025, "starttls", "", "")),
    ],
)
def test_a_servers_address_says_all_there_is_to_know(url: str, server: Server) -> None:
    assert MailAdapter.from_url(url).server == server


@pytest.mark.parametrize(
    "url", ["", "http://mail.example", "smtp://", "smtp://m?security=ssl", "smtp://m:x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        MailAdapter.from_url(url)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(Server("mail.example", 587, password="secret"))
