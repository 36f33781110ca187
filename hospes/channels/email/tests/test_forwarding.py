"""Whom a forwarded mail came from, as the program says that forwarded it."""

from __future__ import annotations

import pytest

from hospes.channels.contract import Forwarded
from hospes.channels.email.forwarding import bare_subject, forwarded_in

# (subject, text), who wrote it first, what it was about, what it said, what stands above
FORWARDS = [
    (
        ("Fwd: 荷物", "---------- Forwarded message ---------\nFrom: 山田 太郎 <taro@example.jp>\nDate: 2026年1月5日(月) 9:30\nSubject: 荷物\nTo: <help@shop.example>\n\n届きません。"),
        ("山田 太郎", "taro@example.jp", "荷物", "届きません。", ""),
    ),
    (
        ("转发: 包裹", '------------------ 原始邮件 ------------------\n发件人: "李"<li@example.cn>;\n发送时间: 2026年1月5日(星期一) 上午9:30\n收件人: "help"<help@shop.example>;\n主题: 包裹\n\n没收到。'),
        ("李", "li@example.cn", "包裹", "没收到。", ""),
    ),
    (
        ("Fwd: طرد", "---------- Forwarded message ---------\n\u200fمن: \u202bأحمد\u202c\u200e <ahmad@example.com>\n\u200fDate: الاثنين، 5 يناير 2026\nSubject: طرد\nTo: <h@shop.example>\n\nلم يصل"),
        ("أحمد", "ahmad@example.com", "طرد", "لم يصل", ""),
    ),
    (
        ("FW: חבילה", "מאת: דנה <dana@example.org>\nנשלח: יום שני 05 ינואר 2026 09:30\nאל: h@shop.example\nנושא: חבילה\n\nלא הגיע"),
        ("דנה", "dana@example.org", "חבילה", "לא הגיע", ""),
    ),
    (
        ("전달: 소포", '-----Original Message-----\nFrom: "김" <kim@example.kr>\nTo: <h@shop.example>\nSent: 2026-01-05 (월) 09:30:00 (UTC+09:00)\nSubject: 소포\n\n안 왔어요'),
        ("김", "kim@example.kr", "소포", "안 왔어요", ""),
    ),
    (
        ("WG: Paket", "Von: Mina Berg [mailto:mina@example.de]\nGesendet: Montag, 5. Januar 2026 09:30\nAn: help@shop.example\nBetreff: Paket\n\nfehlt"),
        ("Mina Berg", "mina@example.de", "Paket", "fehlt", ""),
    ),
    (
        ("Paket", "Prosim, poglej.\n\nZačetek posredovanega sporočila:\n\n> Od: Mina <mina@example.si>\n> Zadeva: Paket\n> Datum: 5. januar 2026 ob 9:30:00 CET\n> Za: help@shop.example\n> \n> ni prišel"),
        ("Mina", "mina@example.si", "Paket", "ni prišel", "Prosim, poglej."),
    ),
    (
        ("Fwd: pošta", "FYI\n\n-------- Izvirno sporočilo --------\nZadeva: \tPaket\nDatum: \tMon, 5 Jan 2026 09:30:00 +0100\nOd: \tMina <mina@example.si>\nZa: \thelp@shop.example\n\n\nni prišel"),
        ("Mina", "mina@example.si", "Paket", "ni prišel", "FYI"),
    ),
    (
        ("I: pacco", "Da: Mina <mina@example.it>\nInviato: lunedì 5 gennaio 2026 09:30\nA: help@shop.example\nOggetto: pacco\n\nmanca"),
        ("Mina", "mina@example.it", "pacco", "manca", ""),
    ),
    (
        ("TR: Paquet", "Le lun. 5 janv. 2026 à 09:30, Mina Berg <mina@example.fr> a écrit :\n\n> manque"),
        ("Mina Berg", "mina@example.fr", "Paquet", "manque", ""),
    ),
    (
        ("Fwd: p", "---------- Forwarded message ---------\nDe: Mina <mina@example.fr>\nDate: lun. 5 janv. 2026 à 09:30\nSubject: Très\n long sujet\nTo: a@example.com,\n b@example.com\n\nmanque"),
        ("Mina", "mina@example.fr", "Très long sujet", "manque", ""),
    ),
    (
        ("Fwd: It leaks", "---------- Forwarded message ---------\nFrom: Mina <mina@example.com>\nSubject: It leaks and leaks and leaks and goes on leaking until the whole\nkitchen is wet\n\n\nHello"),
        ("Mina", "mina@example.com", "It leaks and leaks and leaks and goes on leaking until the whole kitchen is wet", "Hello", ""),
    ),
    (
        ("转发: 漏水", "---- 转发的原邮件 ----\n| 发件人 | 王伟<wang@example.cn> |\n| 日期 | 2026年11月24日 09:15 |\n| 收件人 | Ann<ann@shop.example> |\n| 主题 | 漏水 |\n\n机器漏水。"),
        ("王伟", "wang@example.cn", "漏水", "机器漏水。", ""),
    ),
    # A language nobody listed: known by what stands behind the labels.
    (
        ("Fwd: Qooqa", "Ilaa\n\n________________________________\nQofka: Mina <mina@example.so>\nLaga diray: 24.11.2026 09:15\nKu: Ann <ann@shop.example>\nKu saabsan: Qooqa\n\nWay daadanaysaa."),
        ("Mina", "mina@example.so", "Qooqa", "Way daadanaysaa.", "Ilaa"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mail", "expected"), FORWARDS)
def test_a_forwarded_mail_names_its_first_sender(
    mail: tuple[str, str], expected: tuple[str, ...]
) -> None:
    found = forwarded_in(mail[1], mail[0])
    assert found is not None
    said = (found.sender.name, found.sender.address, found.subject, found.text, found.comment)
    assert said == expected


BLOCK = "Von: Mina <mina@example.de>\nGesendet: Montag, 5. Januar\nAn: x@example.de\nBetreff: Paket"
NO_FORWARDS = [
    ("Re: Paket", f"Thanks\n\n{BLOCK}\n\nfehlt"),
    ("AW: WG: Paket", f"Danke\n\n________________________________\n{BLOCK}\n\nfehlt"),
    ("Paket", "Am 5. Januar 2026 um 09:30 schrieb Mina <mina@example.de>:\n\n> fehlt"),
    ("Fwd: Paket", "Wo ist mein Paket?\nVon: hier nach dort\nBitte um Antwort"),
    ("Hallo", ""),
    ("Fwd: ", "x\n" * 30_000),
]


@pytest.mark.parametrize(("subject", "text"), NO_FORWARDS)
def test_what_is_no_forward_is_not_taken_for_one(subject: str, text: str) -> None:
    assert forwarded_in(text, subject) is None


def test_the_outermost_mail_counts() -> None:
    inner = "---------- Forwarded message ---------\nFrom: Otto <otto@example.de>\nSubject: first"
    found = forwarded_in(f"{BLOCK}\n\nsiehe unten\n\n{inner}\n\nda", "WG: Paket")
    assert isinstance(found, Forwarded)
    assert found.sender.address == "mina@example.de"
    assert "otto@example.de" in found.text


@pytest.mark.parametrize(
    ("subject", "bare"),
    [("Fwd: Re: Paket", "Paket"), ("RE[2]: AW: Paket", "Paket"), ("I: Re : pacco", "pacco"), ("Paket: eilig", "Paket: eilig"), ("转发：回复: 包裹", "包裹")],
)  # fmt: skip
def test_a_subject_is_told_from_what_programs_wrote_before_it(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare


@pytest.mark.parametrize("written", ["*Vic Corp* <vic@corp.example>", "**Vic** <vic@corp.example>"])
def test_a_name_that_was_bold_is_a_name(written: str) -> None:
    head = f"---------- Forwarded message ---------\nFrom: {written}\nSubject: Pump\n\nIt leaks."
    found = forwarded_in(head, "Fwd: Pump")
    assert found is not None
    assert found.sender.name in {"Vic Corp", "Vic"}
