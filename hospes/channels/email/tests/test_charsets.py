"""Which charset a text is in: rightly labelled, wrongly, and not at all; long texts and subjects of two characters."""

from __future__ import annotations

import pytest

from hospes.channels.email.charset_labels import CODECS, codec_of
from hospes.channels.email.charsets import Hints, decode
from hospes.channels.email.parsing import parse

# Letters of customers, the charsets they used to be written in, and one name of each.
LETTERS = {
    "fr": ("Où est ma commande ? Ça va durer encore longtemps ?", {"cp1252": "iso-8859-1", "mac-roman": "macintosh"}),
    "de": ("Die Größe stimmt nicht, ich möchte die Schuhe zurückschicken.", {"cp1252": "iso-8859-15"}),
    "es": ("Mi pedido no llegó. ¿Cuándo lo recibiré mañana?", {"cp1252": "windows-1252"}),
    "pt": ("A encomenda não chegou. É só isso, obrigado.", {"cp1252": "iso-8859-1"}),
    "it": ("Perché il pacco non è ancora arrivato? Così non va più.", {"cp1252": "iso-8859-1"}),
    "sv": ("Jag har inte fått mitt paket än, på tide att ni hör av er.", {"cp1252": "iso-8859-1"}),
    "is": ("Pöntunin mín er ekki komin, hvenær fæ ég hana?", {"cp1252": "iso-8859-1"}),
    "pl": ("Dzień dobry, gdzie jest moja paczka? Wciąż czekam.", {"cp1250": "windows-1250", "iso8859-2": "iso-8859-2"}),
    "cs": ("Dobrý den, zboží ještě nepřišlo. Můžete mi říct proč?", {"cp1250": "windows-1250", "iso8859-2": "latin2"}),
    "sl": ("Čakam že tri tedne, kje je moja pošiljka?", {"cp1250": "windows-1250", "iso8859-2": "iso-8859-2"}),
    "hu": ("Még mindig nem érkezett meg a csomagom, kérem segítsenek.", {"cp1250": "windows-1250"}),
    "ro": ("Bună ziua, coletul meu încă nu a ajuns. Când îl primesc?", {"cp1250": "windows-1250"}),
    "tr": ("Siparişim hâlâ gelmedi, ne zaman ulaşır? Teşekkürler.", {"cp1254": "iso-8859-9"}),
    "lt": ("Laba diena, mano siunta dar negauta. Kada ją gausiu?", {"cp1257": "windows-1257"}),
    "lv": ("Labdien, mans sūtījums vēl nav saņemts. Kad tas būs?", {"cp1257": "windows-1257"}),
    "el": ("Καλημέρα, η παραγγελία μου δεν ήρθε ακόμα.", {"cp1253": "windows-1253", "iso8859-7": "iso-8859-7"}),
    "ru": ("Здравствуйте, где моя посылка? Жду ответа.", {
        "cp1251": "windows-1251", "koi8-r": "koi8-r", "cp866": "ibm866", "iso8859-5": "iso8859-5",
    }),
    "uk": ("Добрий день, моя посилка ще не прийшла. Де її чекати?", {"cp1251": "windows-1251", "koi8-u": "koi8-u"}),
    "bg": ("Здравейте, пратката ми още не е пристигнала.", {"cp1251": "windows-1251"}),
    "sr": ("Добар дан, пакет још није стигао. Шта да радим?", {"cp1251": "win1251"}),
    "he": ("שלום, החבילה שלי עדיין לא הגיעה", {"cp1255": "windows-1255"}),
    "ar": ("مرحبا، لم يصل الطلب بعد. متى يصل؟", {"cp1256": "windows-1256", "iso8859-6": "iso8859-6"}),
    "th": ("สวัสดีค่ะ ยังไม่ได้รับพัสดุเลย", {"cp874": "tis620"}),
    "ja": ("荷物がまだ届きません。確認をお願いします。", {"cp932": "shift_jis", "euc-jp": "euc-jp"}),
    "ko": ("주문한 상품이 아직 도착하지 않았습니다.", {"cp949": "euc-kr"}),
    "zh-Hans": ("您好，我的包裹还没有到，请帮我查一下。", {"gb18030": "gb2312"}),
    "zh-Hant": ("您好，我的包裹還沒有到，請幫我查一下。", {"cp950": "big5"}),
}  # fmt: skip
WRITTEN = [
    pytest.param(text, codec, label, id=f"{language}-{codec}")
    for language, (text, codecs) in LETTERS.items()
    for codec, label in codecs.items()
]


@pytest.mark.parametrize(("text", "codec", "label"), WRITTEN)
def test_a_letter_is_read_rightly_whatever_its_label_says(
    text: str, codec: str, label: str
) -> None:
    raw = text.encode(codec)

    assert decode(raw, label) == text
    for lie in ("", "us-ascii", "utf-8", "unknown-8bit", "x-klingon"):
        assert decode(raw, lie) == text, lie


@pytest.mark.parametrize(("text", "codec", "label"), WRITTEN)
def test_utf_8_under_the_label_of_another_charset_stays_utf_8(
    text: str, codec: str, label: str
) -> None:
    assert decode(text.encode(), label) == text


@pytest.mark.parametrize("label", ["", "us-ascii", "utf-8"])
@pytest.mark.parametrize(
    "text",
    [
        "Où est ma commande ?", "Mi pedido no llegó", "Größe falsch", "Señor Núñez", "naïve café", "Ça va",
        "Prix: 5 £", "El niño", "É só isso", "été", "München", "Mañana", "Überweisung über 50 €", "It’s late",
        "“Hello” – it’s broken", "Øystein Åse", "På tide", "Málaga",
    ],
)  # fmt: skip
def test_an_accent_without_a_true_label_is_a_latin_one(text: str, label: str) -> None:
    assert decode(text.encode("cp1252"), label) == text


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("订单", "gb2312"), ("退款", "gbk"), ("发票", "gb2312"), ("注文", "shift_jis"), ("返品", "shift_jis"),
        ("配送", "euc-jp"), ("주문", "euc-kr"), ("환불", "ks_c_5601-1987"), ("退貨", "big5"), ("你好", "gb2312"), ("谢谢", "gb2312"),
        ("é", "iso-8859-1"), ("Ñ", "windows-1252"), ("да", "windows-1251"), ("כן", "windows-1255"),
    ],
)  # fmt: skip
def test_a_subject_of_two_characters_is_read_in_either_charset(text: str, label: str) -> None:
    assert decode(text.encode(), label) == text
    assert decode(text.encode(codec_of(label) or ""), label) == text


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("Привет", "koi8-r", "windows-1251"),
        ("Привет", "cp1251", "koi8-r"),
        ("Где мой заказ?", "cp1251", "iso-8859-1"),
        ("Čakam na paket že tri tedne", "cp1250", "iso-8859-1"),
        ("Wciąż czekam na zwrot pieniędzy", "cp1250", "iso-8859-2"),
        ("お問い合わせ", "cp932", "iso-8859-1"),
        ("東京都港区", "cp932", ""),
        ("東京都港区", "euc-jp", ""),
        ("我的订单", "gb18030", "iso-8859-1"),
        ("我的訂單", "cp950", "gb2312"),
        ("ﾃｽﾄﾃﾞｽ", "cp932", ""),
        ("①髙橋様", "cp932", "shift_jis"),
    ],
)
def test_letters_tell_the_charset_that_the_label_does_not(
    text: str, codec: str, label: str
) -> None:
    assert decode(text.encode(codec), label) == text


def test_the_language_expected_decides_where_letters_do_not() -> None:
    raw = "Čakam".encode("cp1250")

    assert decode(raw, "", Hints(languages=("sl-SI",))) == "Čakam"
    assert (
        decode("cuvîntul meu".encode("iso8859-2"), "", Hints(languages=("ro",))) == "cuvîntul meu"
    )
    assert decode("לא".encode("cp1255"), "", Hints(languages=("he", "en"))) == "לא"
    assert decode("нет".encode("cp1251"), "", Hints(languages=("ru",))) == "нет"


def test_a_subject_without_a_label_is_read_as_the_text_below_it() -> None:
    text, _ = LETTERS["lt"]
    raw = (
        b"From: a@b.example\nSubject: "
        + "Motinystė".encode("cp1257")
        + b"\n\n"
        + text.encode("cp1257")
    )

    mail = parse(raw)

    assert (mail.subject, mail.text) == ("Motinystė", text)


def test_a_market_tells_the_charset_of_a_short_subject() -> None:
    raw = b"From: a@b.example\nSubject: " + "Tėvai".encode("cp1257") + b"\n\nhello"

    assert parse(raw, priors=["lt"]).subject == "Tėvai"


def test_utf_16_without_a_mark_is_read() -> None:
    assert decode("Grüße".encode("utf-16-le")) == "Grüße"
    assert decode("Hello there".encode("utf-16-be")) == "Hello there"


def test_utf_8_cut_within_a_character_stays_utf_8() -> None:
    assert decode("Доставка заказа".encode()[:-1], "utf-8") == "Доставка заказ\ufffd"


def test_japanese_in_euc_as_microsoft_writes_it_is_read() -> None:
    raw = b"\xad\xa1" + "山田様".encode("euc-jp") + b"\x8e\xb1 ok"

    assert decode(raw, "eucjp-win") == "①山田様ｱ ok"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("iso8859-5", "iso8859-5"), ("ISO_8859-5:1988", "iso8859-5"), ("iso8859-6", "iso8859-6"), ("iso8859-8", "iso8859-8"),
        ("iso8859-9", "cp1254"), ("iso8859-13", "iso8859-13"), ("iso88591", "cp1252"), ("iso88592", "iso8859-2"),
        ("iso885915", "iso8859-15"), ("win1250", "cp1250"), ("koi8r", "koi8-r"), ("tis620", "cp874"),
        ("iso2022jp", "iso2022_jp_ext"), ("shift_jis_2004", "shift_jis_2004"), ("eucjp-win", "euc-jp"),
        ("cswindows31j", "cp932"), ("cn-gb", "gb18030"), ("cn-big5", "cp950"), ("ksc_5601", "cp949"), ("ibm855", "cp855"),
        ("johab", "johab"), ("macroman", "mac-roman"), ("x-mac-ce", "mac-latin2"), ("utf-8;", "utf-8"), ("'UTF8'", "utf-8"),
        ("csISOLatin2", "iso8859-2"), ("hex", None), ("zip", None), ("unicode_escape", None), ("", None), ("idna", None),
    ],
)  # fmt: skip
def test_a_label_is_known_however_it_is_spelt(label: str, codec: str | None) -> None:
    assert codec_of(label) == codec


def test_every_codec_named_exists() -> None:
    assert all("a".encode(codec) for codec in CODECS.values())
