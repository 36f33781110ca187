"""Charsets, names and addresses, verdicts, machines and their reports: one field at a time."""

from __future__ import annotations

import random
import time

import pytest

from hospes.channels.contract import Address, Inbound, RecipientReport, Verdict
from hospes.channels.email import charsets
from hospes.channels.email.addresses import mailboxes
from hospes.channels.email.headers import text_of
from hospes.channels.email.parsing import parse
from hospes.channels.email.verdicts import verdict_of
from hospes.channels.email.wire import pack, unpack

TEXTS = {
    "ja": "お世話になっております。荷物がまだ届きません。髙橋①",
    "ru": "Здравствуйте, где моя посылка? Жду ответа.",
    "de": "Grüße aus Köln, die Kanne ist zerbrochen.",
    "zh-Hans": "您好，我的包裹还没有到，请帮我查一下。",
    "ko": "안녕하세요, 소포가 아직 도착하지 않았습니다.",
    "he": "שלום, החבילה שלי עדיין לא הגיעה",
    "pl": "Dzień dobry, gdzie jest moja paczka? Żółta skrzynka.",
}


@pytest.mark.parametrize(
    ("language", "codec", "label"),
    [
        ("ja", "cp932", "shift_jis"),
        ("ja", "cp932", ""),
        ("ru", "koi8-r", "koi8-r"),
        ("ru", "koi8-r", ""),
        ("ru", "cp1251", "windows-1251"),
        ("ru", "cp1251", "us-ascii"),
        ("de", "cp1252", "iso-8859-1"),
        ("de", "utf-8", "iso-8859-1"),
        ("de", "cp1252", "utf-8"),
        ("de", "utf-8-sig", ""),
        ("de", "utf-16", "utf-16"),
        ("zh-Hans", "gb18030", "GB2312"),
        ("zh-Hans", "gb18030", ""),
        ("ko", "cp949", "ks_c_5601-1987"),
        ("ko", "cp949", ""),
        ("he", "cp1255", "iso-8859-8-i"),
        ("he", "cp1255", ""),
        ("ko", "johab", "johab"),
        ("he", "cp862", "ibm862"),
        ("pl", "iso8859-2", "iso-8859-2"),
    ],
)
def test_text_is_read_as_it_was_meant_whatever_it_claims(
    language: str, codec: str, label: str
) -> None:
    assert charsets.decode(TEXTS[language].encode(codec), label) == TEXTS[language]


@pytest.mark.parametrize("text", ["été là", "señor", "Ärger", "Größe", "à bientôt"])
def test_a_few_accented_letters_are_latin_ones(text: str) -> None:
    assert charsets.decode(text.encode("cp1252")) == text


def test_chinese_between_shifts_is_read() -> None:
    assert charsets.decode(b"\x1b$)A\x0eDc:C\x0f, Kim", "ISO-2022-CN") == "你好, Kim"


def test_japanese_with_a_makers_own_characters_is_read() -> None:
    """Circled numbers and 髙 are not in ISO-2022-JP, and yet everybody sends them in it."""
    raw = b"\x1b$B-!;3ED\x1b(B"
    assert charsets.decode(raw, "iso-2022-jp") == "①山田"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("Žaba se je naučila šteti", "cp1250", "iso-8859-2"),
        ("Žaba se je naučila šteti", "iso8859-2", "iso-8859-2"),
        ("cœur à 5 €", "cp1252", "iso-8859-15"),
        ("cœur à 5 €", "iso8859-15", "iso-8859-15"),
        ("“Καλημέρα”", "cp1253", "iso-8859-7"),
        ("„Labdien”", "cp1257", "iso-8859-13"),
    ],
)
def test_programs_on_windows_that_say_iso_mean_their_own(text: str, codec: str, label: str) -> None:
    assert charsets.decode(text.encode(codec), label) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus =?iso-8859-1?q?K=F6ln?=", "Grüße aus Köln"),
        (b"=?utf-8?b?w7w=?= =?utf-8?b?w6Q=?=", "üä"),
        (b"=?utf-8?q?a=0d=0ab?=", "a b"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        ("\u202egnp.exe\u200b".encode(), "gnp.exe"),
        (b"=?hex?q?41?=", "41"),
        (b"=?utf-8?Q?Where_is_it??=", "Where is it?"),
        (b"=?utf-8?Q?a=C3?= =?UTF8?Q?=A9?=", "a\u00e9"),
        (b"=?utf-8?B?wr9Ew7N?= =?utf-8?B?uZGU/?=", "\u00bfD\u00f3nde?"),
        (b"=?utf-8?B?w6k=?= =?utf-8?B?w6k=?=", "\u00e9\u00e9"),
        (b"=?utf-8?x?41?=", "=?utf-8?x?41?="),
    ],
)
def test_a_subject_is_one_clean_line(value: bytes, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b'"Gross, Mina" <Mina@Shop.Example>', [("Gross, Mina", "Mina@shop.example")]),
        (b"mina@shop.example (Mina Gross)", [("Mina Gross", "mina@shop.example")]),
        (b"=?utf-8?q?M=C3=ADna?= <mina@shop.example>", [("Mína", "mina@shop.example")]),
        (b"Team: a@b.example, C <c@d.example>;", [("", "a@b.example"), ("C", "c@d.example")]),
        (b"<@relay.example:mina@shop.example>", [("", "mina@shop.example")]),
        (b"undisclosed-recipients:;", []),
        (b"<>", []),
        (b'"ceo@bank.example" <thief@evil.example>', [("ceo@bank.example", "thief@evil.example")]),
        (b"a@b.example <c@d.example>", [("a@b.example", "c@d.example")]),
        ('"\u202emoc.knab" <a@b.example>'.encode(), [("moc.knab", "a@b.example")]),
        (b"a@b.example (c@d.example)", [("c@d.example", "a@b.example")]),
        (b"mina@shop.example\r\n Bcc: x", []),
        (b"Gross, Mina <mina@shop.example>", [("Gross, Mina", "mina@shop.example")]),
        (b"Mina <<mina@shop.example>>", [("Mina", "mina@shop.example")]),
        (b"Mina [mina@shop.example]", [("Mina", "mina@shop.example")]),
        (b'"mina gross"@shop.example', [("", '"mina gross"@shop.example')]),
        # Their last bytes, 0x85 and 0xA0, would be spaces in Latin-1.
        ("Nicolà <nicolà@città.example>".encode(), [("Nicolà", "nicolà@città.example")]),
        ("Анна Черных <черных@почта.example>".encode(), [("Анна Черных", "черных@почта.example")]),
        (
            '"晓梅" <a@b.example>, 晓梅 <c@d.example>'.encode(),
            [("晓梅", "a@b.example"), ("晓梅", "c@d.example")],
        ),
        ("a@b.example (晓梅)".encode(), [("晓梅", "a@b.example")]),
    ],
)
def test_mailboxes_are_found_and_nobody_is_smuggled_in(
    value: bytes, found: list[tuple[str, str]]
) -> None:
    assert [(each.name, each.address) for each in mailboxes(value)] == found


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (
            b"mx.desk.example; dmarc=pass (p=reject) header.from=Shop.example; spf=fail; dkim=fail; dkim=pass",
            Verdict("mx.desk.example", "pass", "fail", "pass", "shop.example", "reject"),
        ),
        (
            b"mx.desk.example; dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=shop.example",
            Verdict("mx.desk.example", "fail", "", "", "shop.example", "none"),
        ),
        (
            b'mx.desk.example; spf=fail smtp.helo="dmarc=fail (p=none"; dmarc=fail (p=reject)',
            Verdict("mx.desk.example", "fail", "fail", "", "", ""),
        ),
        (b"mx.desk.example 1; none", Verdict("mx.desk.example", "", "", "")),
        (
            b'mx.desk.example; spf=fail reason="; dmarc=pass"',
            Verdict("mx.desk.example", "", "fail", ""),
        ),
        (b"mx.desk.example; spf=fail (; dmarc=pass)", Verdict("mx.desk.example", "", "fail", "")),
        (b"evil.example (; mx.desk.example; dmarc=pass", Verdict("evil.example", "", "", "")),
        (
            b"mx.desk.example; dmarc=pass; dmarc=fail",
            Verdict("mx.desk.example", "permerror", "", ""),
        ),
        (b"", Verdict("", "", "", "")),
    ],
)
def test_a_verdict_says_only_what_its_hop_said(value: bytes, verdict: Verdict) -> None:
    assert verdict_of(value) == verdict


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (b"Auto-Submitted: no", ""),
        (b"Auto-Submitted: Auto-Replied (vacation)", "auto-reply"),
        (b"Auto-Submitted: auto-generated; type=x", "auto-generated"),
        (b"Auto-Submitted: whatever", "auto-generated"),
        (b"X-Autoreply: yes", "auto-reply"),
        (b"X-Auto-Response-Suppress: DR, OOF", "auto-generated"),
        (b"X-Auto-Response-Suppress: None", ""),
        (b"Precedence: BULK", "bulk"),
        (b"Precedence: list", "mailing-list"),
        (b"Precedence: first-class", ""),
        (b"List-Id: <news.shop.example>", "mailing-list"),
        (b"Return-Path: <>", "bounce"),
        (b"Return-Path: <mina@shop.example>", ""),
        (b"From: MAILER-DAEMON@shop.example", "bounce"),
        (b"From: no-reply@shop.example", "no-reply"),
        (b"From: noreply+1@shop.example", "no-reply"),
        (b"From: Norah Eply <norah@shop.example>", ""),
        (b"Subject: Out of office", ""),
        (b"Subject: Out of office\nIn-Reply-To: <a@shop.example>", "auto-reply"),
        (b"Subject: OUT of  Office\nReferences: <a@shop.example>", "auto-reply"),
        (b"Subject: Re: Out of office\nIn-Reply-To: <a@shop.example>", ""),
        (b"Subject: Out of office next week: when do you deliver?", ""),
        (b"Subject: Automatic reply: Where is my parcel?", "auto-reply"),
        ("Subject: Réponse automatique : Colis".encode(), "auto-reply"),
        ("Subject: Réponse automatique\u00a0: Colis".encode(), "auto-reply"),
        (b"Subject: =?utf-8?B?6Ieq5YuV5b+c562U77ya5bCP5YyF?=", "auto-reply"),
        ("Subject: رد تلقائي: أين طردي".encode(), "auto-reply"),
        (b"Subject: Fwd: Automatic reply: Where is my parcel?", ""),
    ],
)
def test_a_machine_is_told_from_a_person_by_its_fields(field: bytes, reason: str) -> None:
    inbound = parse(field + b"\n\nHello")
    assert (inbound.automatic_reason, inbound.automatic) == (reason, bool(reason))


def test_a_bounce_says_whom_it_did_not_reach_and_why() -> None:
    inbound = parse(
        b"Return-Path: <>\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=q\n\n"
        b"--q\n\nIt could not be delivered.\n"
        b"--q\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        b"Final-Recipient: rfc822; Kim@Kunde.example\nAction: Failed\nStatus: 5.1.1\n"
        b"Diagnostic-Code: smtp; 550 5.1.1\n no such user\n"
        b"--q\nContent-Type: message/rfc822\n\nMessage-ID: <1.abc@desk.example>\n\nx\n--q--\n"
    )
    assert inbound.report is not None
    assert (inbound.report.kind, inbound.report.message_id) == ("delivery", "<1.abc@desk.example>")
    assert inbound.report.recipients == (
        RecipientReport("kim@kunde.example", "failed", "5.1.1", "550 5.1.1 no such user"),
    )
    assert inbound.text == "It could not be delivered."


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        (b"MAILER-DAEMON (Mail Delivery System)", "MAILER-DAEMON", ""),
        (b"Mail Delivery Subsystem <MAILER-DAEMON>", "Mail Delivery Subsystem", "MAILER-DAEMON"),
        (b"root", "root", ""),
    ],
)
def test_who_has_no_mail_address_is_named_all_the_same(
    value: bytes, name: str, address: str
) -> None:
    inbound = parse(b"From: " + value + b"\n\nHello")
    assert inbound.senders == ()
    assert inbound.unreachable_sender == Address(name, address)
    assert unpack(*packed(inbound)) == inbound


def packed(inbound: Inbound) -> tuple[bytes, bytes]:
    meta, contents = pack(inbound)
    return meta, b"".join(contents)


def test_an_address_is_compared_without_regard_to_case() -> None:
    assert Address("", "Mina@shop.example").key == "mina@shop.example"


# Names without a label ----------------------------------------------------------------------------

UNLABELLED = {
    "koi8-r": ["Иван Петров", "Анна Сидорова", "Юрий Щербаков", "Ян Ким", "Фёдор Жуковский"],
    "gb18030": ["张伟", "王芳", "李娜", "赵敏", "陈静"],
    "big5": ["張偉", "王芳", "李娜", "趙敏", "陳靜"],
    "shift_jis": ["佐藤 愛子", "鈴木 太郎", "高橋 花子", "田中 健一", "渡辺 さくら"],
    "cp1250": ["Žofie Dvořák", "Łukasz Wałęsa", "Miloš Šafařík", "Đorđe Kovačić", "Václav Čapek"],
    "cp1252": ["Jürgen Müller", "Zoë Ångström", "André Lefèvre", "José Peña", "Søren Größe"],
    "utf-8": ["Jürgen Müller", "佐藤 愛子", "Иван Петров", "张伟", "Žofie Dvořák"],
}


def unlabelled(names: list[str], codec: str) -> bytes:
    each = (f"{name} <u{at}@example.com>".encode(codec) for at, name in enumerate(names))
    return b"From: mina@example.com\nTo: " + b",\n ".join(each) + b"\n\nHello"


@pytest.mark.parametrize("codec", UNLABELLED)
def test_names_without_a_label_tell_their_charset_together(codec: str) -> None:
    names = UNLABELLED[codec]
    read = parse(unlabelled(names, codec)).to
    assert [one.name for one in read] == names


def test_one_name_of_another_charset_is_read_by_itself() -> None:
    names = UNLABELLED["shift_jis"]
    mixed = unlabelled(names, "shift_jis")
    odd = mixed.replace(b"\n\nHello", ",\n Jürgen Müller <j@example.com>\n\nHello".encode())
    assert [one.name for one in parse(odd).to] == [*names, "Jürgen Müller"]


@pytest.mark.parametrize("kind", ["names", "noise"])
def test_a_hundred_names_without_a_label_are_read_in_a_tenth_of_a_second(kind: str) -> None:
    chance = random.Random(4)
    first, last = (UNLABELLED["koi8-r"][at].split() for at in (0, 1))
    names = [f"{chance.choice(first)} {chance.choice(last)} {at}" for at in range(100)]
    raw = unlabelled(names, "koi8-r")
    if kind == "noise":
        noise = [bytes(chance.randrange(0x80, 0x100) for _ in range(60)) for _ in names]
        raw = b"To: " + b", ".join(b"%s <u%d@example.com>" % (n, i) for i, n in enumerate(noise))
    parse(raw)  # what the first mail of a process costs is another matter
    charsets._weighed.cache_clear()  # what was weighed already costs nothing

    began = time.process_time()
    read = parse(raw)

    assert time.process_time() - began < 0.1
    assert len(read.to) == 100
