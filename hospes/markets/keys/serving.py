"""Keys of how one serves them: answering times, channels, payments, seasons, hospitality."""

from __future__ import annotations

from hospes.markets.keys.key import Key, Kind, Type, one_of

KEYS = (
    Key(
        "response.first_reply_minutes",
        Type.TABLE,
        Kind.MARKET,
        "First human or useful reply expected by channel: phone_wait, chat, messaging, social, sms, email, web_form",
        unit="minutes",
    ),
    one_of("response.always_on", Kind.MARKET, "24/7 service", "expected appreciated not_expected"),
    Key(
        "response.after_hours_silence_ok",
        Type.BOOL,
        Kind.CULTURE,
        "No reply at night/weekend is accepted when announced",
    ),
    Key(
        "response.business_hours",
        Type.TABLE,
        Kind.MARKET,
        "mon_fri, sat, sun (or sun_thu, fri, sat). Weekend days themselves: Babel Locale.weekend_start/end",
        unit="local HH:MM pairs",
    ),
    Key(
        "channels.preferred",
        Type.ENUMS,
        Kind.MARKET,
        "Best-first service channels",
        allowed="phone email chat whatsapp wechat line kakaotalk telegram viber messenger instagram sms zalo web_form in_app x naver_talktalk in_person",
    ),
    one_of(
        "channels.main_messenger",
        Kind.MARKET,
        "Leading messaging app",
        "whatsapp wechat line kakaotalk telegram viber messenger zalo imessage_sms",
    ),
    one_of(
        "channels.phone_role", Kind.CULTURE, "Place of the phone", "primary escalation last_resort"
    ),
    Key("channels.note", Type.STR, Kind.MARKET, "Hint"),
    Key(
        "payments.methods",
        Type.STRS,
        Kind.MARKET,
        "Best-first payment methods customers name in tickets",
        unit="method ids",
    ),
    one_of(
        "payments.installments", Kind.MARKET, "Paying in instalments", "expected common bnpl rare"
    ),
    one_of("payments.cod", Kind.MARKET, "Cash on delivery", "common some rare"),
    Key(
        "payments.refund_note",
        Type.STR,
        Kind.MARKET,
        "What an agent must know to refund a local method",
    ),
    Key(
        "calendar.service_effects",
        Type.TABLES,
        Kind.MARKET,
        "Seasons that change service. Public holidays: `holidays`; zones: zoneinfo; weekend: Babel",
    ),
    Key(
        "calendar.week_note",
        Type.STR,
        Kind.MARKET,
        "Week shape that libraries get wrong or do not say",
    ),
    Key(
        "hospitality.dietary",
        Type.ENUMS,
        Kind.CULTURE,
        "Needs to ask about early",
        allowed="halal kosher vegetarian vegan jain no_beef no_pork no_alcohol allergens gluten_free pescatarian",
    ),
    one_of(
        "hospitality.tipping",
        Kind.CULTURE,
        "Tipping",
        "expected appreciated included not_customary",
    ),
    Key("hospitality.customs", Type.STRS, Kind.CULTURE, "Room/service customs"),
    Key("hospitality.allergen_rule", Type.STR, Kind.LAW, "Allergen disclosure duty"),
)
