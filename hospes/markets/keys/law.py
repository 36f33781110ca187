"""Keys of what the law asks: consumers, privacy, outreach, customs; `better` says which way is more generous to them."""

from __future__ import annotations

from hospes.markets.keys.key import Better, Key, Kind, Type, one_of


def _number(name: str, meaning: str, unit: str, better: Better) -> Key:
    return Key(name, Type.INT, Kind.LAW, meaning, unit=unit, better=better)


def _days_counted(name: str, *, better: str) -> Key:
    """Return the key that says which days another one counts."""
    return one_of(name, Kind.LAW, "Day type", "calendar business", better)


KEYS = (
    one_of(
        "consumer.withdrawal_basis",
        Kind.LAW,
        "statutory = general no-reason right for online sale; conditional = only in stated cases; none = no general right",
        "statutory conditional none",
        "none < conditional < statutory",
    ),
    _number("consumer.withdrawal_days", "Length", "days", Better.HIGHER),
    _days_counted("consumer.withdrawal_unit", better="calendar < business"),
    one_of(
        "consumer.withdrawal_from",
        Kind.LAW,
        "Start for goods",
        "delivery contract purchase",
        "purchase = contract < delivery",
    ),
    Key("consumer.withdrawal_scope", Type.STR, Kind.LAW, "Scope and main conditions"),
    _number("consumer.refund_days", "Latest refund", "days", Better.LOWER),
    _days_counted("consumer.refund_unit", better="business < calendar"),
    one_of(
        "consumer.refund_from",
        Kind.LAW,
        "Start",
        "withdrawal_notice goods_received cancellation",
        "goods_received < withdrawal_notice = cancellation",
    ),
    _number(
        "consumer.guarantee_months",
        "Legal conformity guarantee for new goods",
        "months",
        Better.HIGHER,
    ),
    one_of(
        "consumer.guarantee_basis",
        Kind.LAW,
        "fixed term, expected lifetime, or limitation period",
        "fixed reasonable_life limitation",
    ),
    _number(
        "consumer.burden_months",
        "Time in which a defect is presumed original",
        "months",
        Better.HIGHER,
    ),
    _number(
        "consumer.complaint_reply_days", "Statutory reply time to a complaint", "days", Better.LOWER
    ),
    _days_counted("consumer.complaint_reply_unit", better="business < calendar"),
    Key("consumer.complaint_scope", Type.STR, Kind.LAW, "Who/what it binds"),
    _number("consumer.phone_wait_seconds", "Statutory maximum wait", "seconds", Better.LOWER),
    Key(
        "consumer.human_agent_right",
        Type.BOOL,
        Kind.LAW,
        "Customer may demand a human",
        better=Better.YES,
    ),
    Key("consumer.service_law", Type.STR, Kind.LAW, "Other service-desk duties"),
    Key("consumer.adr", Type.STR, Kind.LAW, "Where an unresolved complaint goes"),
    Key("privacy.regime", Type.STRS, Kind.LAW, "Applicable general laws"),
    Key("privacy.authority", Type.STR, Kind.LAW, "Supervisory authority"),
    _number(
        "privacy.breach_hours",
        "Hours to notify the authority from awareness",
        "hours",
        Better.LOWER,
    ),
    Key("privacy.breach_rule", Type.STR, Kind.LAW, "Exact rule when not a plain number of hours"),
    _number("privacy.dsar_days", "Days to answer an access request", "days", Better.LOWER),
    one_of(
        "privacy.dsar_unit",
        Kind.LAW,
        "Day type; month = one calendar month (value 30 is a stand-in)",
        "calendar business month",
        "business < calendar = month",
    ),
    _number("privacy.dsar_extension_days", "Possible extension", "days", Better.LOWER),
    _number(
        "privacy.child_consent_age",
        "Age from which a child can consent alone online",
        "years",
        Better.HIGHER,
    ),
    Key("privacy.transfer_rule", Type.STR, Kind.LAW, "Cross-border transfer/localisation"),
    one_of(
        "marketing.message_consent",
        Kind.LAW,
        "Email/SMS marketing consent; opt_in_soft = opt-in with existing-customer exception",
        "opt_in opt_in_soft opt_out",
        "opt_out < opt_in_soft < opt_in",
    ),
    one_of(
        "marketing.call_consent",
        Kind.LAW,
        "Live marketing call consent",
        "opt_in opt_out_registry opt_out",
        "opt_out < opt_out_registry < opt_in",
    ),
    Key(
        "marketing.call_windows",
        Type.TABLES,
        Kind.LAW,
        "Allowed windows: days, from, to. Absent days are barred; recipient local time",
        unit="local HH:MM",
        better=Better.WITHIN,
    ),
    one_of(
        "marketing.call_windows_status",
        Kind.LAW,
        "Force of the windows",
        "statute code_of_conduct sector_only design_default",
    ),
    Key(
        "marketing.holiday_contact",
        Type.BOOL,
        Kind.LAW,
        "Allowed on public holidays",
        better=Better.NO,
    ),
    Key(
        "marketing.message_windows",
        Type.TABLES,
        Kind.LAW,
        "Windows for marketing messages when different",
        unit="local HH:MM",
        better=Better.WITHIN,
    ),
    Key("marketing.max_attempts", Type.STR, Kind.LAW, "Contact frequency limit"),
    Key("marketing.do_not_call", Type.STR, Kind.LAW, "Registry to screen"),
    Key("customs.tax_name", Type.STR, Kind.LAW, "Consumption tax"),
    Key("customs.tax_standard_pct", Type.NUM, Kind.LAW, "Standard rate", unit="percent"),
    Key(
        "customs.duty_de_minimis",
        Type.TABLE,
        Kind.LAW,
        "Goods value up to which no duty is due (0 = none)",
        unit="amount, currency",
    ),
    Key(
        "customs.tax_de_minimis",
        Type.TABLE,
        Kind.LAW,
        "Goods value up to which no tax is due (0 = none)",
        unit="amount, currency",
    ),
    Key("customs.note", Type.STR, Kind.LAW, "Rule in words"),
)
