"""The languages we can speak to customers in: more than the workspace is in."""

from __future__ import annotations

from hospes.language.detect import canonical

CUSTOMER_LANGUAGES = (
    "ar", "cs", "de", "en", "es", "fr", "he", "hi", "hr", "id", "it", "ja", "ko", "nl", "pl",
    "pt", "sl", "sv", "tr", "zh-Hans", "zh-Hant",
)  # fmt: skip


def spoken(*wished: str) -> str:
    """Return the first of these languages that we have sentences in, else English.

    wished: BCP 47 tags, the likeliest first; "" is passed over. A regional form is served by its language.
    """
    for tag in filter(None, wished):
        language = canonical(tag)
        if language in CUSTOMER_LANGUAGES:
            return language
        base = language.partition("-")[0]
        if base in CUSTOMER_LANGUAGES:
            return base
    return "en"
