"""Which language a text is in, as a guess that costs a tenth of a millisecond."""

from __future__ import annotations

import re
from collections.abc import Sequence

from babel.core import get_global

try:
    import pycld2
except ImportError:  # no build for this platform: then what we expect is all we know
    pycld2 = None

MAX_CHARS = 4000
FEW_CHARS = 4  # less is "ok" in every language
SHORT_CHARS = 60  # below this, a guess against what we expect is worth little
# Control, surrogate, private and unassigned characters make cld2 refuse the text ...
REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff"
    "\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U000e0000-\U0010ffff]"
)
# ... and links and addresses, which are written in no language, mislead it.
LINKS = re.compile(r"https?://\S+|www\.\S+|(?<!\S)[^\s@]{1,64}@\S{1,255}")
# cld2 still says some codes that were renamed, and "Chinese" where it means the simplified script.
RENAMED = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jw": "jv",
    "mo": "ro",
    "no": "nb",
    "sh": "sr",
    "tl": "fil",
    "zh": "zh-Hans",
    "zh-Hant": "zh-Hant",
}
HINTS = {"he": "iw", "nb": "no", "nn": "nn", "fil": "tl", "jv": "jw"}
# A script that only one language of any size writes says more than words do.
SCRIPTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\u3040-\u30ff]"), "ja"),
    (re.compile(r"[\uac00-\ud7a3]"), "ko"),
    (re.compile(r"[\u0e00-\u0e7f]"), "th"),
    (re.compile(r"[\u0370-\u03ff]{3}"), "el"),
    (re.compile(r"[\u0530-\u058f]"), "hy"),
    (re.compile(r"[\u10a0-\u10ff]"), "ka"),
)
ANY_SCRIPT = re.compile(  # of these; most texts hold none, which one look tells
    r"[\u0370-\u03ff\u0530-\u058f\u0e00-\u0e7f\u10a0-\u10ff\u3040-\u30ff\uac00-\ud7a3]"
)
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
NOT_LATIN = re.compile(
    r"[\u0370-\u1dbf\u2c00-\ud7ff\uf900-\ufefc\U00010000-\U0001efff\U00020000-\U0003ffff]"
)
SCRIPT_CHARS = 400  # so many tell the script
# Near relations that a short text cannot be told apart in: what we expect decides between them.
FAMILIES = (
    {"nb", "nn", "da", "sv"}, {"hr", "bs", "sr", "sl"}, {"cs", "sk"}, {"es", "ca", "gl", "pt", "it"}, {"id", "ms"},
    {"ru", "uk", "be", "bg", "mk", "sr"}, {"nl", "af"}, {"zh-Hans", "zh-Hant"}, {"hi", "mr", "ne"}, {"ar", "fa", "ur"},
)  # fmt: skip


def detect(text: str, priors: Sequence[str] = ()) -> str | None:
    """The language (BCP 47) of this text, None when nothing can be said.

    priors: languages expected here, likeliest first (what the customer wrote before, the market's); they decide
    where a text is short or could be either of two near relations.
    """
    expected = [canonical(prior) for prior in priors if prior]
    sample = _sample(text[:MAX_CHARS])
    if (len(sample) < FEW_CHARS and sample.isascii()) or pycld2 is None:
        return expected[0] if expected else None
    if not sample.isascii():
        for script, language in SCRIPTS if ANY_SCRIPT.search(sample) else ():
            if script.search(sample):
                return language
        expected = _in_this_script(expected, sample[:SCRIPT_CHARS])
    reliable, guesses = _guesses(sample, expected)
    return _decided(guesses, expected, certain=reliable and len(sample) >= SHORT_CHARS)


def _sample(text: str) -> str:
    text = REFUSED.sub(" ", text)
    if "@" in text or "://" in text or "www." in text:
        text = LINKS.sub(" ", text)
    return text.strip()


def _in_this_script(expected: list[str], sample: str) -> list[str]:
    """Of what we expect, what can be: nobody writes Spanish in Arabic letters."""
    others = len(NOT_LATIN.findall(sample))
    if not others or others < len(LATIN.findall(sample)):
        return expected
    scripts = get_global("likely_subtags")
    return [one for one in expected if "_Latn" not in scripts.get(one.partition("-")[0], "")]


def canonical(tag: str) -> str:
    """A language tag as we write it: `pt_BR` is "pt-BR", `iw` is "he", `zh-TW` is "zh-Hant"."""
    language, *rest = tag.replace("_", "-").split("-")
    language = language.lower()
    if language == "zh":
        marks = {each.lower() for each in rest}
        return "zh-Hant" if marks & {"hant", "tw", "hk", "mo"} else "zh-Hans"
    return "-".join(
        (
            RENAMED.get(language, language),
            *(each.upper() if len(each) == 2 else each.title() for each in rest),
        )
    )


def _guesses(sample: str, expected: Sequence[str]) -> tuple[bool, list[str]]:
    try:
        reliable, _, details = pycld2.detect(
            sample, isPlainText=True, bestEffort=True, hintLanguage=_hint(expected)
        )
    except (pycld2.error, UnicodeError, ValueError):
        return False, []
    return bool(reliable), [RENAMED.get(code, code) for _, code, _, _ in details if code != "un"]


def _hint(expected: Sequence[str]) -> str | None:
    """The likeliest language as cld2 calls it."""
    if not expected:
        return None
    language = expected[0] if expected[0] == "zh-Hant" else expected[0].partition("-")[0]
    return HINTS.get(language, language)


def _decided(guesses: Sequence[str], expected: Sequence[str], *, certain: bool) -> str | None:
    if not guesses:
        return expected[0] if expected else None
    first = guesses[0]
    if certain or not expected:
        return first
    for prior in expected:
        base = prior if prior.startswith("zh") else prior.partition("-")[0]
        if base in guesses or any(base in family and first in family for family in FAMILIES):
            return prior if prior.startswith("zh") else base
    return first
