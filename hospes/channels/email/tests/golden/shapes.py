"""How programs put a letter into bytes: each its own way, some of them wrong, all of them seen."""

from __future__ import annotations

import base64
import html
import quopri
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hospes.channels.email.tests.golden.letters import EARLIER, LETTERS, US, Letter

TO = "To: Kaldera <support@kaldera.example>\r\nDate: Mon, 16 Nov 2026 11:42:07 +0100\r\n"
# What a codec is called in a mail.
CALLED = {
    "cp1252": "windows-1252", "iso8859_1": "iso-8859-1", "iso8859_15": "ISO-8859-15", "iso8859_2": "iso-8859-2",
    "cp1250": "windows-1250", "iso8859_9": "iso-8859-9", "cp1254": "windows-1254", "cp1253": "windows-1253",
    "iso8859_7": "iso-8859-7", "koi8_r": "koi8-r", "koi8_u": "koi8-u", "cp1251": "windows-1251", "cp1255": "windows-1255",
    "cp1256": "windows-1256", "iso2022_jp": "ISO-2022-JP", "cp932": "Shift_JIS", "euc_jp": "EUC-JP", "gb2312": "GB2312",
    "gb18030": "gb18030", "big5": "Big5", "euc_kr": "EUC-KR", "cp949": "ks_c_5601-1987", "cp874": "windows-874",
    "utf_8": "UTF-8", "ascii": "us-ascii",
}  # fmt: skip


@dataclass(frozen=True)
class Golden:
    """A mail, and what a reader of it sees."""

    name: str
    raw: bytes
    letter: Letter
    earlier: bool = True  # what it answers is in it
    files: tuple[str, ...] = ()


def address(letter: Letter) -> str:
    return f"{letter.language.lower().replace('-', '.')}@customer.example"


def words(text: str, codec: str, *, how: str = "b", at_once: int = 10) -> str:
    """Return a text as encoded words, each of some characters."""
    pieces = [text[n : n + at_once] for n in range(0, len(text), at_once)]
    return "\r\n ".join(_word(piece.encode(codec), CALLED[codec], how) for piece in pieces)


def _word(body: bytes, charset: str, how: str) -> str:
    if how == "b":
        return f"=?{charset}?B?{base64.b64encode(body).decode()}?="
    return f"=?{charset}?Q?{''.join(f'={byte:02X}' for byte in body)}?="


def split_word(text: str) -> str:
    """Return UTF-8 cut into words of seven bytes, in the middle of characters, as some gateways do."""
    body = text.encode()
    return "\r\n ".join(_word(body[n : n + 7], "utf-8", "b") for n in range(0, len(body), 7))


def head(letter: Letter, codec: str = "utf_8", *, how: str = "b") -> str:
    name, subject = words(letter.name, codec, how=how), words(letter.subject, codec, how=how)
    return f"From: {name} <{address(letter)}>\r\nSubject: {subject}\r\n{TO}"


def part(
    body: str, codec: str, *, kind: str = "text/plain", how: str = "base64", more: str = ""
) -> bytes:
    """Return a part with its own head."""
    raw = body.replace("\n", "\r\n").encode(codec)
    encoded = {
        "base64": base64.encodebytes, "quoted-printable": quopri.encodestring, "8bit": bytes, "7bit": bytes,
    }[how](raw)  # fmt: skip
    fields = f"Content-Type: {kind}; charset={CALLED[codec]}{more}\r\nContent-Transfer-Encoding: {how}\r\n\r\n"
    return fields.encode() + encoded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def several(kind: str, *parts: bytes, mark: str) -> bytes:
    inside = b"".join(f"--{mark}\r\n".encode() + one + b"\r\n" for one in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
        + inside
        + f"--{mark}--\r\n".encode()
    )


def whole(fields: str, body: bytes) -> bytes:
    return fields.encode("utf-8", "surrogateescape") + b"MIME-Version: 1.0\r\n" + body


def paragraphs(text: str, tag: str = "div") -> str:
    return "".join(f"<{tag}>{html.escape(line) or '<br>'}</{tag}>" for line in text.split("\n"))


def answered(letter: Letter, codec: str = "utf_8") -> str:
    said = f"{letter.text}\n\n{letter.quoted}\n\n> {EARLIER}\n"
    if codec.startswith("utf"):
        return said
    return said.translate(dict.fromkeys([0x200F, 0x202A, 0x202B, 0x202C]))  # too new for it


# Programs ----------------------------------------------------------------------------------------


def gmail(letter: Letter) -> Golden:
    quote = f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{html.escape(letter.quoted)}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{EARLIER}</blockquote></div>'
    shown = f'<div dir="ltr">{paragraphs(letter.text)}</div><br>{quote}'
    body = several(
        "alternative", part(answered(letter), "utf_8"), part(shown, "utf_8", kind="text/html"), mark="000000000000a1b2c3",
    )  # fmt: skip
    return Golden(
        "gmail", whole(head(letter) + "References: <1@kaldera.example>\r\n", body), letter
    )


def outlook(letter: Letter) -> Golden:
    from_, sent, to, subject = letter.labels or ("From", "Sent", "To", "Subject")
    lines = [
        f"{from_}: {US}",
        f"{sent}: 16.11.2026 10:15",
        f"{to}: {letter.name} <{address(letter)}>",
        f"{subject}: 4711",
    ]
    codec = (letter.codecs or ("utf_8",))[-1]
    codec = "utf_8" if codec == "ascii" else codec
    plain = (
        f"{letter.text}\n\n________________________________\n"
        + "\n".join(lines)
        + f"\n\n{EARLIER}\n"
    )
    shown = (
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-US"><div class="WordSection1">{paragraphs(letter.text, "p")}</div>'
        f'<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr">{"<br>".join(f"<b>{html.escape(one)}</b>" for one in lines)}</div><p>{EARLIER}</p></body></html>'
    )
    body = several(
        "alternative", part(plain, codec, how="quoted-printable"), part(shown, codec, kind="text/html", how="quoted-printable"),
        mark="_000_DB8PR04MB6345",
    )  # fmt: skip
    fields = (
        head(letter, codec, how="q")
        + "Thread-Index: AdqX1n0\r\nX-Originating-IP: [192.0.2.7]\r\nX-MS-Has-Attach:\r\n"
    )
    return Golden("outlook", whole(fields, body), letter)


def thunderbird(letter: Letter, codec: str) -> Golden:
    said = answered(letter).translate(
        dict.fromkeys([0x200F, 0x202A, 0x202B, 0x202C])
    )  # too new for it
    how = "7bit" if codec == "iso2022_jp" else "8bit"
    body = part(said, codec, how=how, more="; format=flowed")
    fields = head(letter, codec) + "User-Agent: Mozilla Thunderbird\r\n"
    return Golden(f"thunderbird {codec}", whole(fields, body), letter)


def apple(letter: Letter) -> Golden:
    body = part(answered(letter), "utf_8", how="quoted-printable")
    fields = head(letter, how="q") + "X-Mailer: Apple Mail (2.3774.600.62)\r\n"
    return Golden("apple", whole(fields, body), letter)


def design_alone(letter: Letter) -> Golden:
    shown = f"<html><head><style>p{{color:red}}</style></head><body>{paragraphs(letter.text, 'p')}</body></html>"
    return Golden(
        "html alone",
        whole(head(letter), part(shown, "utf_8", kind="text/html")),
        letter,
        earlier=False,
    )


def cut_words(letter: Letter) -> Golden:
    fields = f"From: {split_word(letter.name)} <{address(letter)}>\r\nSubject: {split_word(letter.subject)}\r\n{TO}"
    return Golden(
        "words cut within characters",
        whole(fields, part(answered(letter), "utf_8", how="8bit")),
        letter,
    )


def bare(letter: Letter) -> Golden:
    """As programs write that know SMTPUTF8: the head in UTF-8, without a word of it."""
    fields = f'From: "{letter.name}" <{address(letter)}>\r\nSubject: {letter.subject}\r\n{TO}'
    return Golden(
        "head in UTF-8", whole(fields, part(answered(letter), "utf_8", how="8bit")), letter
    )


def with_file(letter: Letter) -> Golden:
    name = f"{letter.name} 4711.pdf"
    percent = "".join(f"%{byte:02X}" for byte in name.encode())
    pieces = [percent[n : n + 45] for n in range(0, len(percent), 45)]
    told = ";\r\n ".join(
        f"filename*{n}*={chr(117) + 'tf-8' + chr(39) * 2 if n == 0 else ''}{one}"
        for n, one in enumerate(pieces)
    )
    file = f"Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n {told}\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjc=\r\n"
    body = several("mixed", part(answered(letter), "utf_8"), file.encode(), mark="=_mixed 7F")
    return Golden("with a file", whole(head(letter), body), letter, files=(name,))


def every_program(letter: Letter) -> Iterator[Golden]:
    yield gmail(letter)
    yield outlook(letter)
    yield apple(letter)
    yield cut_words(letter)
    yield bare(letter)
    for codec in letter.codecs:
        yield thunderbird(letter, codec)
    yield (design_alone if len(letter.name) % 2 else with_file)(letter)


# What stands against the rules -------------------------------------------------------------------


def _of(language: str) -> Letter:
    return next(one for one in LETTERS if one.language == language)


def unlabelled(letter: Letter, codec: str, label: str, why: str) -> Golden:
    """Eight-bit words whose label is another, or none; head and body alike, as scripts on web servers write them."""
    fields = (
        f"From: <{address(letter)}>\r\n".encode()
        + b"Subject: "
        + letter.subject.encode(codec)
        + b"\r\n"
    )
    kind = f"Content-Type: text/plain; charset={label}\r\n" if label else ""
    body = answered(letter, codec).replace("\n", "\r\n").encode(codec)
    raw = fields + TO.encode() + kind.encode() + b"X-Mailer: PHP/5.3.3\r\n\r\n" + body
    return Golden(why, raw, replace(letter, name=""))


def labelled_otherwise(letter: Letter, codec: str, label: str, text: str) -> Golden:
    """A charset that says less than what is in it: what Windows calls by the name of a standard."""
    more = replace(letter, text=f"{letter.text}\n{text}")
    raw = whole(head(letter), part(answered(more), "utf_8"))
    told = base64.encodebytes(answered(more, codec).replace("\n", "\r\n").encode(codec)).replace(
        b"\n", b"\r\n"
    )
    before, _, _ = raw.partition(b"\r\n\r\n")
    return Golden(
        f"{label} with {codec}",
        before.replace(b"charset=UTF-8", f"charset={label}".encode()) + b"\r\n\r\n" + told,
        more,
    )


def qq(letter: Letter) -> Golden:
    lines = f'------------------&nbsp;原始邮件&nbsp;------------------<br>发件人: "Kaldera" &lt;support@kaldera.example&gt;;<br>发送时间: 2026年11月16日(星期一) 上午10:15<br>收件人: "{letter.name}"&lt;{address(letter)}&gt;;<br>主题: 4711'
    plain = f'{letter.text}\n\n\n\n\n------------------&nbsp;原始邮件&nbsp;------------------\n发件人: "Kaldera" <support@kaldera.example>;\n发送时间: 2026年11月16日(星期一) 上午10:15\n收件人: "{letter.name}"<{address(letter)}>;\n主题: 4711\n\n{EARLIER}\n'
    shown = f"{paragraphs(letter.text)}<div><br></div><div>{lines}</div><div>{EARLIER}</div>"
    body = several(
        "alternative",
        part(plain, "gb18030"),
        part(shown, "gb18030", kind="text/html"),
        mark="----=_NextPart_691F_0A",
    )
    return Golden("QQ", whole(head(letter, "gb18030") + "X-Mailer: QQMail 2.x\r\n", body), letter)


def mobile(letter: Letter, signature: str) -> Golden:
    body = part(
        f"{letter.text}\n\n{signature}\n\n{letter.quoted}\n\n> {EARLIER}\n",
        "utf_8",
        how="quoted-printable",
    )
    return Golden(
        "telephone", whole(head(letter) + "X-Mailer: iPhone Mail (21F90)\r\n", body), letter
    )


def mutt(letter: Letter) -> Golden:
    body = part(
        f"{letter.quoted}\n> {EARLIER}\n> \n\n{letter.text}\n\n-- \n{letter.name}\n",
        "utf_8",
        how="8bit",
    )
    return Golden("answer below", whole(head(letter) + "User-Agent: Mutt/2.2.9\r\n", body), letter)


SIGNATURES = {
    "en": "Sent from my iPhone", "de": "Von meinem iPhone gesendet", "fr": "Envoyé de mon iPhone", "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone", "nl": "Verstuurd vanaf mijn iPhone", "ja": "iPhoneから送信", "zh-Hans": "发自我的iPhone",
    "ru": "Отправлено с iPhone", "pl": "Wysłane z iPhone'a", "sv": "Skickat från min iPhone", "ko": "나의 iPhone에서 보냄",
}  # fmt: skip
UNLABELLED = {
    "ja": ("cp932", "euc_jp", "iso2022_jp"), "zh-Hans": ("gb18030",), "zh-Hant": ("big5",), "ko": ("cp949",), "ru": ("koi8_r", "cp1251"),
    "uk": ("cp1251",), "el": ("cp1253",), "he": ("cp1255",), "ar": ("cp1256",), "th": ("cp874",), "pl": ("iso8859_2",), "de": ("cp1252",),
}  # fmt: skip


def against_the_rules() -> Iterator[Golden]:
    for language, codecs in UNLABELLED.items():
        for codec in codecs:
            yield unlabelled(_of(language), codec, "", f"{codec} without a label")
    yield unlabelled(_of("ja"), "utf_8", "iso-8859-1", "UTF-8 that says Latin-1")
    yield unlabelled(_of("zh-Hans"), "utf_8", "gb2312", "UTF-8 that says GB2312")
    yield unlabelled(_of("ru"), "cp1251", "koi8-r-x", "a charset of nobody")
    yield unlabelled(_of("de"), "cp1252", "us-ascii", "eight bits that say seven")
    yield labelled_otherwise(_of("ja"), "iso2022_jp_ext", "ISO-2022-JP", "半角のｶﾀｶﾅもあります。")
    yield labelled_otherwise(_of("ja"), "cp932", "shift_jis", "①㈱髙島屋の高橋です。")
    yield labelled_otherwise(_of("zh-Hans"), "gb18030", "gb2312", "朱镕基、喆，价格 €5")
    yield labelled_otherwise(_of("ko"), "cp949", "euc-kr", "똠방각하 펲시콜라")
    yield labelled_otherwise(_of("en"), "cp1252", "iso-8859-1", "It’s “fine” – €5")
    yield labelled_otherwise(_of("de"), "utf_16", "utf-16", "Straße")
    yield labelled_otherwise(_of("fr"), "utf_7", "unicode-1-1-utf-7", "déjà vu")
    yield labelled_otherwise(_of("es"), "utf_8_sig", "utf8", "mañana")
    yield qq(_of("zh-Hans"))
    for language, signature in SIGNATURES.items():
        yield mobile(_of(language), signature)
    for language in ("en", "de", "fr", "ja", "ru"):
        yield mutt(_of(language))


ALL = (*(one for letter in LETTERS for one in every_program(letter)), *against_the_rules())
