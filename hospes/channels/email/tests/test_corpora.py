"""Mails and replies that nobody here wrote, read as their writers meant them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hospes.channels.contract import Inbound
from hospes.channels.email import charsets, html
from hospes.channels.email.forwarding import forwarded_in
from hospes.channels.email.parsing import parse
from hospes.channels.email.quoting import fold
from hospes.channels.email.tests.test_hostile_mail import assert_clean
from tests import corpora

ODD_MAILS = ("mimekit", "cpython-test_email", "chatwoot")


def mails(name: str) -> Iterator[tuple[str, Inbound]]:
    for path in sorted(corpora.folder(name).rglob("*")):
        if path.suffix in (".eml", ".txt") and path.name != "SOURCE.txt":
            yield path.name, parse(path.read_bytes())


@pytest.mark.parametrize("name", ODD_MAILS)
def test_every_odd_mail_is_read_and_clean(name: str) -> None:
    """Raising is failing: none of them is built to harm."""
    count = 0
    for _, inbound in mails(name):
        assert_clean(inbound)
        count += 1
    assert count >= 30


# What a reader of the mail sees, for those whose makers say what is odd in them.
EXPECTED = {
    "japanese.txt": {"subject": "日本語メールテスト (testing Japanese emails)", "language": "ja"},
    "body.1.txt": {"text": "This is the text body.", "html": None},
    "body.3.txt": {"text": "This is the text body."},
    "missing-subtype.txt": {"senders": 1, "files": 0},
    "stack-overflow.txt": {"subject": "Message Subject", "files": 0},
    "delivery-status.txt": {"report": ("delivery", "failed"), "automatic_reason": "bounce"},
    "delivery-status2.txt": {"report": ("delivery", "failed"), "automatic_reason": "bounce"},
    "delivery-status-no-blank-line.txt": {"report": ("delivery", "failed")},
    "issue358.txt": {"text": "Test headers", "subject": "R: R: R: I: FR-selca LA selcaE"},
    "disposition-notification.txt": {"automatic_reason": "read-receipt"},
    "feedback-report.txt": {"automatic_reason": "complaint"},
    "message-partial.eml": {"files": 1},
    "simple-embedded-message.eml": {"files": 1},
    "multipart-digest.txt": {"files": 1},
    "msg_02.txt": {"files": 5},
    "msg_07.txt": {"files": 1},
    "msg_16.txt": {"report": ("delivery", "failed"), "automatic_reason": "bounce"},
    "msg_43.txt": {"report": ("delivery", "failed")},
    "msg_46.txt": {"files": 1},
    "auto_reply.eml": {"automatic_reason": "auto-reply"},
    "auto_reply_with_auto_submitted.eml": {"automatic_reason": "auto-generated"},
    "bounced_with_no_from.eml": {"report": ("delivery", "failed"), "senders": 1},
    "non_utf_encoded_mail.eml": {"subject": "أهلين عميلنا الكريم", "language": "ar"},
    "only_html.eml": {"senders": 1, "files": 0},
    "mail_with_no_date.eml": {"sent_at": None},
    "multiple_attachments.eml": {"files": 30},
    "support_uppercase.eml": {"senders": 1},
}


def seen(inbound: Inbound) -> dict[str, object]:
    report = inbound.report
    return {
        "subject": inbound.subject,
        "language": inbound.language,
        "text": inbound.text,
        "html": inbound.html,
        "sent_at": inbound.sent_at,
        "automatic_reason": inbound.automatic_reason,
        "senders": len(inbound.senders),
        "files": len(inbound.files),
        "report": report
        and (report.kind, report.recipients[0].action if report.recipients else ""),
    }


def test_odd_mails_say_what_their_makers_meant() -> None:
    found = {
        name: inbound for folder in ODD_MAILS for name, inbound in mails(folder) if name in EXPECTED
    }
    assert found.keys() == EXPECTED.keys()
    for name, expected in EXPECTED.items():
        what = seen(found[name])
        assert {key: what[key] for key in expected} == expected, name


# Lines that stay of replies whose text is not the usual paragraph of five lines.
LINES_KEPT = {
    "correct_sig": 1, "email_1": 7, "email_2": 28, "email_2_1": 1, "email_3": 5, "email_4": 1, "email_5": 15,
    "email_6": 3, "email_19": 1, "email_20": 1, "email_21": 638, "email_blackberry": 1, "email_bullets": 9,
    "email_custom_quote_header": 1, "email_customer_quote_header_2": 1, "email_customer_quote_header_3": 3,
    "email_emoji": 1, "email_iphone": 1, "email_multi_word_sent_from_my_mobile_device": 1,
    "email_not_a_signature": 16, "email_not_a_signature_2": 10, "email_one_is_not_on": 5,
    "email_reply_header": 11, "email_sent_from": 1, "email_sent_from_my_not_signature": 3, "email_thread": 1,
    "email_tricky_1_on_false_positive": 6, "email_tricky_2_url_with_wrote": 5, "email_tricky_3_code_block": 12,
    "email_tricky_4_from_in_body": 5, "email_tricky_6_regards_in_sentence": 7, "email_tricky_7_multiple_dashes": 15,
    "email_tricky_8_sent_from_in_content": 5, "email_tricky_9_nested_quotes": 1, "email_tricky_11_double_signature": 1,
    "email_tricky_13_timestamp_variations": 9, "email_tricky_16_unicode_signatures": 1,
    "email_tricky_17_forward_header": 1, "email_tricky_18_inline_reply": 5, "email_tricky_19_quote_without_header": 5,
    "email_tricky_20_html_entities": 3, "email_unquoted_reply": 1, "email_with_date_headers": 5,
    "email_with_from_headers": 3, "email_with_regards": 5, "email_zoho": 2, "sig_no_empty_line": 1,
}  # fmt: skip
USUAL = "Fusce bibendum"


def replies() -> list[Path]:
    return sorted((corpora.folder("crisp-email-reply-parser") / "test" / "fixtures").glob("*.txt"))


def test_of_every_reply_the_answer_stays_and_the_history_goes() -> None:
    wrong = {}
    for path in replies():
        text = path.read_text(encoding="utf-8")
        kept = fold(text.replace("\r\n", "\n")).split("\n")
        expected = 5 if text.startswith(USUAL) else LINES_KEPT[path.stem]
        if len(kept) != expected:
            wrong[path.stem] = (len(kept), expected)
    assert wrong == {}


def test_of_every_forwarded_mail_nothing_is_lost_when_nothing_was_added() -> None:
    """A bare forward has no reply; folding all of it away would leave the agent with nothing."""
    folder = corpora.folder("crisp-email-forward-parser")
    for path in sorted(folder.rglob("*.txt")):
        if path.name != "SOURCE.txt":
            assert fold(path.read_text(encoding="utf-8").replace("\r\n", "\n")), path.name


WRITER = ("John Doe", "john.doe@acme.com")
NAMED_OTHERWISE = {
    "testVariant5": ("", "john.doe@acme.com"),
    "testVariant11": ("John, Doe", "john.doe@acme.com"),
    "testVariant12": ("John Doe", ""),
}


def test_of_every_forwarded_mail_the_first_sender_is_found() -> None:
    folder = corpora.folder("crisp-email-forward-parser")
    expected = json.loads((folder / "expectations.json").read_text())
    wrong = []
    for group in expected["groups"]:
        writer = NAMED_OTHERWISE.get(group["group"], WRITER)
        for entry in group["entries"]:
            text, subject = (
                (folder / "test" / "fixtures" / name).read_text(encoding="utf-8") if name else ""
                for name in (entry["body"], entry["subject"])
            )
            found = forwarded_in(text.replace("\r\n", "\n"), subject.strip())
            if group["group"] == "testVariant4":
                is_right = found is None
            else:
                is_right = found is not None and (
                    (found.sender.name, found.sender.address) == writer
                    and found.subject == expected["constants"]["SUBJECT"]
                    and found.text.startswith("Aenean quis")
                )
            if not is_right:
                wrong.append(entry["body"])
    # Its program forgot the colon after the subject's label.
    assert wrong == ["yahoo_pt_body.txt"]


# What each language was written in before UTF-8.
WRITTEN_IN = {
    "ja": ("cp932", "euc_jp", "iso2022_jp"), "zh-Hans": ("gbk",), "zh-Hant": ("big5",), "ko": ("cp949",), "th": ("cp874",),
    "ru": ("koi8_r", "cp1251"), "uk": ("cp1251", "koi8_u"), "bg": ("cp1251",), "sr": ("cp1251",), "mk": ("cp1251",),
    "el": ("cp1253",), "he": ("cp1255",), "ar": ("cp1256",), "pl": ("iso8859_2", "cp1250"), "cs": ("iso8859_2", "cp1250"),
    "sk": ("cp1250",), "sl": ("cp1250",), "hr": ("cp1250",), "hu": ("cp1250",), "de": ("cp1252",), "fr": ("cp1252",),
    "es": ("cp1252",), "pt": ("cp1252",), "it": ("cp1252",), "sv": ("cp1252",), "da": ("cp1252",), "fi": ("cp1252",),
    "nl": ("cp1252",), "ca": ("cp1252",), "is": ("cp1252",), "nb": ("cp1252",),
}  # fmt: skip


@pytest.mark.parametrize(("chars", "least"), [(200, 0.96), (40, 0.94)])
def test_text_that_says_no_charset_is_read_by_evidence(chars: int, least: float) -> None:
    lines = (corpora.folder("udhr") / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    right: list[bool] = []
    for one in map(json.loads, lines):
        text = one["text"][:chars]
        for codec in WRITTEN_IN.get(one["lang"], ()):
            data = text.encode(codec, "ignore")
            if data.decode(codec) == text:
                right.append(charsets.decode(data) == text)
    assert len(right) > 1000
    assert sum(right) >= least * len(right)


class Seen(HTMLParser):
    """Refuses what acts, or loads by itself, as a browser would meet it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in html.TAGS
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("srcset", "srcdoc", "background", "poster", "action", "formaction")
            if name == "src":
                assert (value or "").lower().startswith(("cid:", "data:image/"))
            if name == "href":
                assert (value or "").lower().startswith(("http://", "https://", "mailto:", "tel:"))
            if name == "style":
                assert "url(" not in (value or "")
                assert "position" not in (value or "")


def test_no_hostile_fragment_keeps_what_acts_or_loads() -> None:
    cases = json.loads((corpora.folder("xss") / "dompurify_expect.json").read_text())["cases"]
    assert len(cases) >= 200
    for case in cases:
        safe = html.clean(case["payload"])
        assert safe is not None
        Seen().feed(safe.shown)
