"""What stays of a reply: what was said now."""

from __future__ import annotations

import pytest

from hospes.channels.email.parsing import parse
from hospes.channels.email.quoting import fold

SAID = "Danke, das Paket ist da."

# How mail programs introduce what they quote, in the languages of their users.
INTRODUCTIONS = [
    "On Mon, Jan 5, 2026 at 9:30 AM Mina <mina@shop.example> wrote:",
    "Am 05.01.2026 um 09:30 schrieb Mina <mina@shop.example>:",
    "Le lun. 5 janv. 2026 à 09:30, Mina <mina@shop.example> a écrit :",
    "El lun, 5 ene 2026 a las 9:30, Mina (<mina@shop.example>) escribió:",
    "Il giorno lun 5 gen 2026 alle ore 09:30 Mina <mina@shop.example> ha scritto:",
    "Em seg., 5 de jan. de 2026 às 09:30, Mina <mina@shop.example> escreveu:",
    "Op ma 5 jan 2026 om 09:30 schreef Mina <mina@shop.example>:",
    "pon., 5 sty 2026 o 09:30 Mina <mina@shop.example> napisał(a):",
    "V V pon., 5. jan. 2026 ob 09:30 je oseba Mina <mina@shop.example> napisala:",
    "5 Oca 2026 Pzt, 09:30 tarihinde Mina <mina@shop.example> şunu yazdı:",
    "пн, 5 янв. 2026 г. в 09:30, Mina <mina@shop.example>:",
    "2026年1月5日(月) 9:30 Mina <mina@shop.example>:",
    "2026년 1월 5일 (월) 오전 9:30, Mina <mina@shop.example>님이 작성:",
    "Mina <mina@shop.example> 于2026年1月5日周一 09:30写道：",
    "في الاثنين، 5 يناير 2026 في 9:30 ص تمت كتابة ما يلي بواسطة Mina <mina@shop.example>:",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message original --------",
    "________________________________\nFrom: Mina <mina@shop.example>\nSent: Monday, January 5, 2026 9:30 AM\nTo: K",
    "Von: Mina <mina@shop.example>\nGesendet: Montag, 5. Januar 2026 09:30\nAn: K\nBetreff: Paket",
    "差出人: Mina <mina@shop.example>\n送信日時: 2026年1月5日 9:30\n宛先: K\n件名: 荷物",
]


@pytest.mark.parametrize(
    "separator",
    [
        "##- Please type your reply above this line -##",
        "--- Please write your reply above this line ---",
        "# Original Message #",
        "=-=-= Reply above this line to respond =-=-=",
        "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein -##",
        "Please reply ABOVE THIS LINE to add a comment",
        "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
        "-----Mina Kos/SHOP wrote: -----",
        "----- Mina Kos <mina@shop.example> wrote:",
    ],
)
def test_what_another_desk_put_over_its_letter_begins_history(separator: str) -> None:
    assert fold(f"Thanks, that works.\n\n{separator}\n\nHello\n") == "Thanks, that works."


def test_marks_of_direction_around_names_hide_no_history() -> None:
    opening = "\u202bבתאריך יום ב׳, 5 בינו׳ 2026 ב-15:04 מאת \u202aMina\u202c\u200f <\u202amina@shop.example\u202c\u200f>:\u202c"

    assert fold(f"תודה רבה\n\n{opening}\n\n> שלום\n") == "תודה רבה"


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_history_is_folded_away_in_every_language(introduction: str, mark: str) -> None:
    history = "\n".join(mark + line for line in ("Your parcel left today.", "", "Mina"))
    assert fold(f"{SAID}\n\n{introduction}\n\n{history}\n") == SAID


def test_answers_between_the_quotations_all_stay() -> None:
    text = "On 1 Jan 2026, a@b.example wrote:\n> One?\n\nYes.\n\n> Two?\n\nNo.\n"
    assert fold(text) == "Yes.\n\nNo."


@pytest.mark.parametrize(
    "introduction",
    [
        "Mina wrote:",
        "Mina <mina@shop.example> wrote:",
        "In article <abc@news.example>, Mina wrote:",
        "Zitat von Mina <mina@shop.example>:",
        "* Mina <mina@shop.example> [2026-01-05 09:30]:",
        "----- On Jan 5, 2026, at 9:30 AM, Mina mina@shop.example wrote:",
        "Mina <mina@shop.example> ezt írta (időpont: 2026. jan. 5., H 9:30):",
        "On Mon, Jan 5, 2026 at 9:30 AM, Mina\n<mina@shop.example> wrote:",
    ],
)
def test_no_line_of_the_answer_is_taken_for_the_beginning_of_what_follows(
    introduction: str,
) -> None:
    answer = "Yes.\n\nPlease send it on Friday."

    assert fold(f"{answer}\n{introduction}\n> Friday?\n") == answer


def test_a_sender_on_the_line_before_the_verb_goes_with_it() -> None:
    text = f"{SAID}\n\nMina via Shop Support\n<mina@shop.example> wrote:\n> Friday?\n"

    assert fold(text) == SAID


@pytest.mark.parametrize(
    "ending",
    [
        "-- \nKim\nShop Street 1",
        "-- Kim Sommer",
        "Sent from my phone, please excuse typos.",
        "---\nThis email has been checked for viruses by a program.\nhttps://program.example",
        "________________\nThis e-mail is confidential. If it is not for you, please delete it.",
        "****************\nDiese Nachricht ist vertraulich.\n****************",
        "Kind regards\n\nKim\nPumps Ltd\nThis e-mail may be privileged. If it is not for you, please tell us.",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Mit freundlichen Grüßen\nKim Sommer",
        "Cordialement,\n\nKim",
        "Best regards,\nKim\n\n-- \nKim\nCEO",
    ],
)
def test_a_signature_is_folded_away(ending: str) -> None:
    assert fold(f"{SAID}\n\n{ending}\n") == SAID


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote to you:\nno answer yet.",
        "On the one hand yes: on the other no.",
        "Von: hier bis da\nsind es zehn Meter.",
        "Please sign with your regards, John, and send it back.",
        "He said it was sent from my iPhone yesterday, which is wrong.",
        "Parts missing:\n---\nPump\nHose",
        "Log:\n2026-01-05 09:30 kim@corp.example signed in:\nerror 5",
        "One of these:\n\n-- pump\n-- hose",
        "The text above this line is wrong.",
        "A list:\n- one\n- two\n---\nand the rest of it, which is a whole sentence.",
        "",
    ],
)
def test_what_only_looks_like_history_stays(text: str) -> None:
    assert fold(text) == text


def test_where_nothing_would_be_left_everything_stays() -> None:
    text = "> only a quotation"
    assert fold(text) == text


def test_the_html_tells_where_its_history_begins_when_there_is_no_plain_version() -> None:
    body = '<div>Danke!</div><div class="gmail_quote">Mina:<blockquote>alt</blockquote></div>'
    inbound = parse(b"Content-Type: text/html\n\n" + body.encode())
    assert inbound.reply_text == "Danke!"
    assert "alt" in inbound.text


def test_an_answer_under_its_quotation_is_found_in_html_too() -> None:
    body = (
        '<div class="gmail_quote"><div>On Tue Mina wrote:</div><blockquote class="gmail_quote">'
        "Which one?<blockquote>older</blockquote></blockquote></div><div>The C-200.</div>"
    )
    inbound = parse(b"Content-Type: text/html\n\n" + body.encode())
    assert inbound.reply_text == "The C-200."
    assert "Which one?" in inbound.text


@pytest.mark.parametrize(
    "history",
    [
        ">>> Mina <mina@shop.example> 10.04.2024 13:10 >>>\nHello",
        "---- 回复的原邮件 ----\n| 发件人 | Mina<mina@shop.example> |\n| 日期 | 2026年11月24日 09:15 |\n\n您好",
        "------------------&nbsp;原始邮件&nbsp;------------------\n您好",
        "---------- Zprávička ----------\nOd: Mina <mina@shop.example>\nDatum: 24. 11. 2026 9:15\n\nAhoj",
        "Mina <mina@shop.example> ezt írta (időpont: 2024. ápr. 10., Sze,\n13:10):\n\n> Szia",
        "मंगल, 24 नव॰ 2026 को 9:15 पूर्वाह्न बजे को Mina <mina@shop.example> ने\nलिखा:\n\n> नमस्ते",
    ],
)
def test_history_is_known_by_its_shape(history: str) -> None:
    assert fold(f"{SAID}\n\n{history}") == SAID


def test_an_answer_under_the_line_of_another_desk_is_read() -> None:
    text = (
        f"## Please reply above this line ##\n\n{SAID}\n\nOn Wed, Apr 10, 2024 Mina wrote:\n> Hello"
    )
    assert fold(text) == SAID


@pytest.mark.parametrize(
    "ending",
    [
        "━━━━━━━━\n佐藤愛子\n株式会社ABC\n━━━━━━━━",
        "┏━━━━━━┓\n佐藤愛子\n┗━━━━━━┛",
        "＝＝＝＝＝＝\n佐藤愛子\n＝＝＝＝＝＝",
        "iOS 版 Outlook<https://aka.ms/o0ukef> を入手",
        "الحصول على Outlook لـ iOS<https://aka.ms/o0ukef>",
        "Outlook für iOS<https://aka.ms/o0ukef> herunterladen",
        "从小米手机发来的邮件",
        "Sent via Superhuman ( https://sprh.example/?vip=x )",
        "مع تحياتي،\nليلى",
        "[cid:image001.png@01D5]\nKim Sommer",
    ],
)
def test_what_programs_and_people_put_under_every_letter_is_folded_away(ending: str) -> None:
    assert fold(f"{SAID}\n\n{ending}") == SAID


def test_a_text_signed_inline_is_read_without_its_armour() -> None:
    inbound = parse(
        b"Content-Type: text/plain\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nIt leaks.\n- -- \nKim\n"
        b"-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAd\n=abcd\n-----END PGP SIGNATURE-----\n"
    )
    assert inbound.text == "It leaks.\n-- \nKim"
    assert inbound.protection is not None
    assert inbound.protection.kind == "pgp"


def test_a_sentence_over_what_the_html_marks_as_history_is_history() -> None:
    body = '<p>Danke!</p>Mina wrote:<blockquote type="cite"><p>alt</p></blockquote>'
    inbound = parse(b"Content-Type: text/html\n\n" + body.encode())
    assert inbound.reply_text == "Danke!"


def test_a_letter_that_is_nothing_but_a_quotation_is_told_whole() -> None:
    body = b'<blockquote type="cite"><p>alt</p></blockquote>'
    assert parse(b"Content-Type: text/html\n\n" + body).reply_text == "alt"


INLINE = {
    "gmail": (
        '<div>See below.</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Jan 5, 2026 at 9:30 AM '
        'Support &lt;<a href="mailto:s@k.example">s@k.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">'
        "Which order?</blockquote><div>It is 4711.</div><blockquote class=\"gmail_quote\">Which street?"
        "<blockquote>older</blockquote></blockquote><div>Main street.</div></div>"
    ),
    "thunderbird": (
        '<p>See below.</p><div class="moz-cite-prefix">Am 05.01.26 um 09:30 schrieb Support:<br></div>'
        '<blockquote type="cite"><p>Which order?</p></blockquote><p>It is 4711.</p><blockquote type="cite">'
        '<p>Which street?</p></blockquote><p>Main street.</p><div class="moz-signature">-- <br>Mina</div>'
    ),
    "apple": (
        'See below.<br><div><br><blockquote type="cite"><div>On 5 Jan 2026, at 09:30, Support &lt;s@k.example&gt; wrote:'
        "</div><br><div>Which order?</div></blockquote><div>It is 4711.</div>"
        '<blockquote type="cite">Which street?</blockquote><div>Main street.</div></div>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("program", INLINE)
def test_answers_between_what_they_answer_are_read_with_the_text_on_top(program: str) -> None:
    inbound = parse(b"Content-Type: text/html\n\n" + INLINE[program].encode())
    assert inbound.reply_text.split("\n\n") == ["See below.", "It is 4711.", "Main street."]
    assert "Which street?" in inbound.text


@pytest.mark.parametrize(
    "history",
    [
        # Two quotations that nobody answered, and one that was answered long ago, in another's letter.
        '<blockquote class="gmail_quote">One</blockquote><br><blockquote>Two</blockquote>',
        '<blockquote class="gmail_quote">One<blockquote>a</blockquote>b<blockquote>c</blockquote></blockquote>',
        "<blockquote>One</blockquote>On Tue, Jan 6, 2026 at 9:30 Kim &lt;k@k.example&gt; wrote:"
        "<blockquote>Two</blockquote>",
    ],
)
def test_history_in_several_quotations_is_no_answer(history: str) -> None:
    body = f'<div>Danke!</div><div class="gmail_quote">On Mon, Jan 5, 2026 at 9:30 Mina &lt;m@k.example&gt; wrote:{history}</div>'
    assert parse(b"Content-Type: text/html\n\n" + body.encode()).reply_text == "Danke!"


SCANNED = [
    "<https://www.avast.com/sig-email?utm_medium=email>\nVirus-free. www.avast.com <https://www.avast.com/sig-email>\n<#DAB4FAD8-2DD7>",
    "---\nDiese E-Mail wurde von Avast Antivirus-Software auf Viren geprüft.\nhttps://www.avast.com/antivirus",
    "[image: Avast logo]\nEl software de antivirus Avast ha analizado este correo electrónico.\nwww.avast.com",
    "\tVirenfrei. www.avast.com",
    "Без вирусов. www.avast.com",
]  # fmt: skip


@pytest.mark.parametrize("footer", SCANNED)
@pytest.mark.parametrize("history", ["", "\n\nOn Mon, Jan 5, 2026 Mina <m@k.example> wrote:\n> Hi"])
def test_what_a_virus_scanner_says_under_a_letter_is_folded_away(footer: str, history: str) -> None:
    assert fold(f"{SAID}\n\n{footer}{history}") == SAID


@pytest.mark.parametrize(
    "said",
    [
        "I have the scanner from www.avast.com and your shop does not open.\nKim",
        "Do I need this one?\nhttps://www.avast.com/free\n" + "It asks for a key.\n" * 5 + "Kim",
    ],
)
def test_who_writes_about_a_virus_scanner_is_read(said: str) -> None:
    assert fold(said) == said


NOTES = [
    "Mina <mina@k.example>\n05.01.2026 09:30\n\nTo\nKim <kim@x.example>\ncc\n\nSubject\nYour order\n\n\n\nHello",
    "Mina/SHOP\n05/01/2026 09:30\n\nAn\nKim/SHOP@SHOP\nKopie\n\nThema\nBestellung\n\nHallo",
    "             Mina            \n             <mina@k.example>     \n                          To \n"
    "             05/01/2026 09:30          kim@x.example\n                          cc \n \n                     Subject \n"
    "                                       Your order \n \n\nHello",
]  # fmt: skip


@pytest.mark.parametrize("head", NOTES)
def test_the_head_that_lotus_notes_writes_is_known(head: str) -> None:
    assert fold(f"{SAID}\n\n{head}") == SAID


@pytest.mark.parametrize(
    "said",
    [
        "Who gets it?\n\nTo\nKim\ncc\nJo\n\nSubject\nWhat I want",
        "Please write to\nkim@x.example\n\nand put in\n\ncc\n\nthe office, on 05.01.2026.",
    ],
)
def test_who_speaks_of_copies_writes_no_head(said: str) -> None:
    assert fold(said) == said


@pytest.mark.parametrize(
    "history",
    [
        "Monday, January 5, 2026, 9:30:00 AM, you wrote:\n\nMK> Which order?\nMK>> older",
        "5 января 2026 г., 9:30:00, вы писали:\nМК> Какой заказ?",
        "Mina <mina@k.example> wrote in message news:7@k.example...\n> Which order?",
        '"Mina" <mina@k.example> schrieb im Newsbeitrag\nnews:abc$1@k.example...\n> Welche?',
    ],
)
def test_an_answer_under_what_older_programs_quote_is_read(history: str) -> None:
    assert fold(f"{SAID}\n\n{history}\n\nIt is 4711.") == f"{SAID}\n\nIt is 4711."


@pytest.mark.parametrize(
    "said", ["I typed:\nSQL> select 1;\nSQL> quit", "Ask kim@x.example ...\nor me.", "a> b\nb> c"]
)
def test_what_only_looks_like_such_a_quotation_stays(said: str) -> None:
    assert fold(said) == said
