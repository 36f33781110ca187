"""Count which letters follow each other in each language.

    script/letters

The texts are those that are here anyway and free to count: the translations of Django, the names that CLDR (in Babel)
has for countries, languages, money and days, the phrases of this project, and a few words of customers. The paragraphs that
`script/bench mail-corpora` measures with are not among them, though some words were chosen because they were misread there. The counts are in bits: what a letter costs after the one before it.
"""

from __future__ import annotations

import gettext
import math
import re
import sys
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import babel
import django

from hospes.channels.email.likelihood import ANY, EAST_ASIAN, LATIN
from hospes.language import phrases

NOT_LATIN = {
    "ru": "CYRILLIC", "uk": "CYRILLIC", "bg": "CYRILLIC", "sr": "CYRILLIC", "mk": "CYRILLIC", "be": "CYRILLIC",
    "el": "GREEK", "he": "HEBREW", "ar": "ARABIC", "fa": "ARABIC", "th": "THAI",
}  # fmt: skip
LANGUAGES = [*sorted(LATIN - {ANY}), *NOT_LATIN, *sorted(EAST_ASIAN)]
LOCALES = {"zh-Hans": ("zh_Hans",), "zh-Hant": ("zh_Hant",), "pt": ("pt", "pt_BR")}
NAMES = ("territories", "languages", "currency_names", "days", "months", "eras")
NO_WORDS = re.compile(r"%\([^)]*\)[a-z]|%[a-z]|\{[^}]*\}|<[^>]*>|&[a-z]+;|https?:\S+")
# What customers write about most, for the names of countries and the words of a web site leave much of it out.
EVERYDAY = {
    "fr": "où ça là à très déjà été êtes reçu commande réponse numéro téléphone problème bientôt même après également où ça",
    "es": "cuándo dónde qué está llegó envío devolución número teléfono mañana también más aún todavía recibí señor atención",
    "pt": "não está já só até é à você encomenda devolução número amanhã também então às é isso português",
    "it": "è più perché così già può c'è però sarà città quantità è più qualità",
    "de": "für Größe möchte zurück Rückgabe Überweisung größer schön können wäre grüße natürlich heißt schließlich",
    "nl": "één geïnteresseerd coördinaten ruïne reünie België",
    "sv": "på är för då när även försenad återbetalning så här få gör åter också",
    "da": "på så når også får være Ægte køb ønsker tilbagebetaling større gør før",
    "nb": "på så når også får være kjøp ønsker tilbakebetaling større gjør før",
    "fi": "tämä hyvää päivää tilaus vielä pyydän mitä näin tänään käytän välittömästi",
    "is": "þetta góðan daginn pöntun ekki það í á ég hvenær sendingin mín er ekki komin",
    "ca": "què això més també comanda està però és només ningú té serà endarreriment",
    "pl": "dzień dobry proszę paczka zamówienie się jeszcze już są będzie pieniędzy że również każdy można czekać ą ę",
    "cs": "dobrý den prosím objednávka ještě není kdy můžete zásilka děkuji každý proč že už bude zboží",
    "sk": "dobrý deň prosím objednávka ešte nie je kedy môžete zásielka ďakujem každý prečo že už ľudí tovar",
    "hu": "jó napot kérem rendelés még nem érkezett mikor köszönöm csomagot visszatérítés ő ű legjobb",
    "sl": "pošiljka naročilo še ni čakam že kje je vračilo račun prosim želim hvala da člani",
    "hr": "pošiljka narudžba još nije čekam kada će povrat račun molim želim hvala član",
    "ro": "bună ziua comandă încă nu când și să în că după așa colet mulțumesc până țară fără",
    "tr": "sipariş henüz gelmedi ne zaman teşekkürler iade ürün için değil çok lütfen ücret göre yanlış ılık hâlâ kâğıt",
    "lt": "siunta užsakymas dar negavau kada ačiū laba diena pinigų grąžinimas už žmonės prašau ė ių tėvai",
    "lv": "sūtījums pasūtījums vēl nav kad paldies labdien naudas atmaksa lūdzu ļoti šķiet",
    "et": "tellimus saadetis ei ole veel jõudnud millal tänan tere päevast palun raha tagasi või",
    "ru": "здравствуйте где мой заказ посылка ещё не пришла когда спасибо возврат денег пожалуйста привет почему это я в не",
    "uk": "добрий день де моє замовлення посилка ще не прийшла коли дякую повернення коштів будь ласка чому це є і її",
    "bg": "здравейте къде е моята поръчка пратката още не е пристигнала кога благодаря връщане моля защо",
    "sr": "добар дан где је моја поруџбина пакет још није стигао када хвала повраћај новца молим зашто нико неће",
    "mk": "добар ден каде е мојата нарачка пакетот уште не пристигнал кога благодарам",
    "el": "καλημέρα πού είναι η παραγγελία μου δεν ήρθε ακόμα πότε ευχαριστώ επιστροφή χρημάτων παρακαλώ όλα θα",
    "he": "שלום איפה ההזמנה שלי החבילה עדיין לא הגיעה מתי תודה החזר כסף בבקשה למה לא כן",
    "ar": "مرحبا أين طلبي لم يصل بعد متى شكرا استرجاع المال من فضلك لماذا كل هذا لا نعم السلام عليكم",
    "fa": "سلام سفارش من کجاست هنوز نرسیده است کی ممنون بازگشت وجه لطفا چرا همه هر کس",
    "th": "สวัสดีค่ะ สวัสดีครับ ยังไม่ได้รับสินค้า พัสดุ เมื่อไหร่ ขอบคุณ คืนเงิน กรุณา ทำไม คำสั่งซื้อ ทุกคน บุคคล",
    "ja": "注文 返品 返金 配送 荷物 届きません 届く まだ お願いします お問い合わせ 確認 商品 購入 交換 領収書 住所 変更 至急 東京都 様 教えて",
    "zh-Hans": "谢谢 订单 退款 退货 快递 发票 您好 你好 请问 什么时候 没有收到 地址 客服 商品 包裹 为什么 我的 帮忙 查询 任何 并且",
    "zh-Hant": "謝謝 訂單 退款 退貨 快遞 發票 您好 你好 請問 什麼時候 沒有收到 地址 客服 商品 包裹 為什麼 我的 幫忙 查詢 任何 並且",
    "ko": "주문 환불 반품 배송 상품 언제 감사합니다 안녕하세요 아직 도착하지 않았습니다 문의 확인 부탁드립니다 교환 영수증 주소 변경",
}  # fmt: skip
EVERYDAY_TIMES = 4
TONES = "\u0300\u0301\u0303\u0309\u0323"
LEAST = 2  # a pair seen less often says nothing
LEAST_ANYWHERE = 8
SAME_SIZE = 50_000  # letters that each language adds to what is usual anywhere
MOST_BITS = 15

Counts = Counter[tuple[str, str]]


def main() -> int:
    everywhere: Counts = Counter()
    lines: list[str] = []
    for language in LANGUAGES:
        texts = list(_texts(language))
        if language in EAST_ASIAN:
            lines.append(_line(language, _characters(texts)))
            continue
        pairs = _pairs(texts, language)
        if language in LATIN:
            share = SAME_SIZE / sum(pairs.values())
            everywhere.update({pair: round(count * share) for pair, count in pairs.items()})
        lines.append(_line(language, _bits(pairs, LEAST)))
    lines.insert(0, _line(ANY, _bits(everywhere, LEAST_ANYWHERE)))
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _texts(language: str) -> Iterator[str]:
    root = Path(django.__file__).parent
    for locale in LOCALES.get(language, (language,)):
        for path in sorted(
            root.glob(f"**/locale/{'de' if language == 'en' else locale}/LC_MESSAGES/*.mo")
        ):
            with path.open("rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            for key, said in catalog.items():
                text = (key if isinstance(key, str) else key[0]) if language == "en" else said
                if key:
                    yield NO_WORDS.sub(" ", text)
    for name in NAMES:
        yield from dict.fromkeys(
            _strings(babel.Locale.parse(LOCALES.get(language, (language,))[0])._data[name])
        )
    yield from [EVERYDAY.get(language, "")] * EVERYDAY_TIMES
    path = Path(phrases.__file__).with_name(f"{language}.toml")
    if path.exists():
        for phrase in tomllib.loads(path.read_text(encoding="utf-8")).values():
            if isinstance(phrase, str):
                yield NO_WORDS.sub(" ", phrase)


def _strings(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree.strip()
    elif hasattr(tree, "items"):
        for branch in dict(tree).values():
            yield from _strings(branch)


def _characters(texts: Iterable[str]) -> dict[str, int]:
    counts = Counter(char for text in texts for char in text if char > "\u2e80" and char.isalpha())
    total = sum(counts.values())
    return {
        char: max(4, round(-math.log2(count / total)))
        for char, count in counts.items()
        if count >= LEAST
    }


def _pairs(texts: Iterable[str], language: str) -> Counts:
    pairs: Counts = Counter()
    for text in texts:
        for pair in pairwise(f"_{_folded(text, language)}_"):
            is_plain = "".join(pair).isascii()
            if (
                pair != ("_", "_")
                and (language in LATIN or not is_plain)
                and _is_own(pair, language)
            ):
                pairs[pair] += 1
    return pairs


def _folded(text: str, language: str) -> str:
    """Small letters, and "_" for everything else."""
    text = unicodedata.normalize("NFC", text)
    if language == "vi":
        text = "".join(map(_as_windows_writes_it, text))
    text = text.lower().replace("i\u0307", "i")
    return "".join(
        char if char.isalpha() or unicodedata.category(char) in ("Mn", "Mc") else "_"
        for char in text
    )


def _as_windows_writes_it(char: str) -> str:
    """A Vietnamese letter, and its tone as a mark of its own where windows-1258 has no letter with both."""
    try:
        char.encode("cp1258")
    except UnicodeError:
        letter, *marks = unicodedata.normalize("NFD", char)
        tone = "".join(mark for mark in marks if mark in TONES)
        hat = "".join(mark for mark in marks if mark not in TONES)
        return unicodedata.normalize("NFC", letter + hat) + tone
    return char


def _is_own(pair: tuple[str, str], language: str) -> bool:
    """Whether both are letters of this language's alphabet, and not of a name in another."""
    alphabet = NOT_LATIN.get(language, ("LATIN", "COMBINING"))
    return all(char.isascii() or unicodedata.name(char, "").startswith(alphabet) for char in pair)


def _bits(pairs: Counts, least: int) -> dict[str, int]:
    letters: Counter[str] = Counter()
    firsts: Counter[str] = Counter()
    for (first, second), count in pairs.items():
        letters[second] += count
        firsts[first] += count
    total = sum(letters.values())
    bits = {
        "*" + letter: max(1, round(-math.log2(count / total)))
        for letter, count in letters.items()
        if count >= least
    }
    for (first, second), count in pairs.items():
        cost = (
            max(1, round(-math.log2(count / (firsts[first] + 20)))) if count >= least else MOST_BITS
        )
        if cost < min(bits.get("*" + second, MOST_BITS) + 3, MOST_BITS):
            bits[first + second] = cost
    return bits


def _line(language: str, bits: dict[str, int]) -> str:
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for letters, cost in bits.items():
        groups[cost].append(letters)
    return " ".join(
        [language, *(f"{cost}:{''.join(sorted(groups[cost]))}" for cost in sorted(groups))]
    )


if __name__ == "__main__":
    sys.exit(main())
