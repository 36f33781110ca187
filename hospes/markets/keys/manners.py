"""Keys of how one speaks with customers: languages, address, style, hierarchy, feedback, topics."""

from __future__ import annotations

from hospes.markets.keys.key import Better, Key, Kind, Type, one_of

KEYS = (
    Key(
        "language.service_languages",
        Type.STRS,
        Kind.MARKET,
        "Languages a service desk should offer, most wanted first. Official/spoken languages themselves come from CLDR (babel.languages.get_official_languages)",
        unit="BCP 47",
    ),
    one_of(
        "language.english_service",
        Kind.MARKET,
        "Whether customers commonly accept service in English",
        "yes partial no",
    ),
    Key(
        "language.statutory_language",
        Type.STRS,
        Kind.LAW,
        "Language(s) the law requires for consumer information or service",
        unit="BCP 47",
        better=Better.MORE_OF,
    ),
    Key("language.statutory_scope", Type.STR, Kind.LAW, "What that duty covers"),
    one_of(
        "address.default_form",
        Kind.CULTURE,
        "Form of address to open with when the customer has not shown a preference",
        "formal informal neutral",
    ),
    Key(
        "address.pronoun",
        Type.STR,
        Kind.LINGUISTIC,
        "Second-person form that matches default_form in the main language(s)",
    ),
    one_of(
        "address.switch_rule",
        Kind.CULTURE,
        "Who may switch to the informal form: customer_leads = mirror the customer; brand_choice = brands pick one and keep it; never_first = do not switch unless asked; free = no T/V issue",
        "customer_leads brand_choice never_first free",
    ),
    one_of(
        "address.name_use",
        Kind.CULTURE,
        "How to name the customer in a salutation",
        "title_surname title_first_name first_name full_name surname_honorific full_name_honorific honorific_only",
    ),
    one_of(
        "address.name_order",
        Kind.LINGUISTIC,
        "Usual order (CLDR personNames has it, Babel does not expose it)",
        "given_family family_given",
    ),
    Key(
        "address.honorifics",
        Type.TABLE,
        Kind.LINGUISTIC,
        "male, female, neutral, position (before/after) in the main language",
    ),
    one_of(
        "address.academic_titles",
        Kind.CULTURE,
        "Whether to use a degree/professional title the customer gave",
        "expected optional rare",
    ),
    Key("address.neutral_fallback", Type.STR, Kind.LINGUISTIC, "Salutation when gender is unknown"),
    Key("address.note", Type.STR, Kind.CULTURE, "Free hint on address"),
    one_of(
        "style.directness",
        Kind.CULTURE,
        "How plainly to state a problem or a refusal",
        "direct rather_direct moderate rather_indirect indirect",
    ),
    one_of(
        "style.context",
        Kind.CULTURE,
        "Low = meaning is in the words; high = meaning is between the lines",
        "low medium high",
    ),
    one_of(
        "style.personality",
        Kind.CULTURE,
        "Service personality customers find normal",
        "efficient_brief balanced friendly_informal warm_expressive deferential transactional",
    ),
    one_of(
        "style.expressiveness",
        Kind.CULTURE,
        "How much emotion service language carries",
        "reserved moderate expressive",
    ),
    one_of(
        "style.small_talk", Kind.CULTURE, "Pleasantries before the matter", "skip brief expected"
    ),
    one_of(
        "style.apology", Kind.CULTURE, "How an apology is done", "brief_factual standard elaborate"
    ),
    one_of(
        "style.empathy",
        Kind.CULTURE,
        "How much explicit empathy is comfortable before it feels intrusive",
        "restrained standard strong",
    ),
    one_of(
        "style.emoji", Kind.CULTURE, "Emoji in service messages", "avoid follow_customer ok_in_chat"
    ),
    Key("style.greeting", Type.STR, Kind.CULTURE, "Greeting etiquette"),
    Key("style.closing", Type.STR, Kind.CULTURE, "Closing etiquette"),
    Key("style.principles", Type.STRS, Kind.CULTURE, "Named service principles to score against"),
    one_of(
        "hierarchy.senior_approval",
        Kind.CULTURE,
        "When a customer may expect a senior manager to stand behind a resolution",
        "not_needed high_value_only often_expected",
    ),
    Key(
        "hierarchy.approval_phrase",
        Type.BOOL,
        Kind.CULTURE,
        'Offer the "approved by senior management" phrase (only if a pre-approved guideline really covers the resolution)',
    ),
    one_of(
        "hierarchy.empowerment",
        Kind.CULTURE,
        "Who should be seen to resolve",
        "agent_resolves agent_with_visible_backing manager_visible",
    ),
    one_of(
        "feedback.expression",
        Kind.CULTURE,
        "How dissatisfaction is usually worded",
        "blunt direct mixed mild",
    ),
    one_of(
        "feedback.severity_rule",
        Kind.CULTURE,
        "What to do with the severity inferred from wording",
        "as_stated raise_one treat_as_serious",
    ),
    one_of(
        "feedback.complains",
        Kind.CULTURE,
        "How readily customers volunteer a complaint",
        "often sometimes rarely",
    ),
    Key("feedback.ask_actively", Type.BOOL, Kind.CULTURE, "Silence is not satisfaction: ask"),
    Key(
        "feedback.survey_bias",
        Type.ENUMS,
        Kind.CULTURE,
        "Known response style; compare within market or standardise, never rank markets on raw means",
        allowed="extreme acquiescent middle disacquiescent none_known",
    ),
    Key(
        "topics.avoid",
        Type.STRS,
        Kind.CULTURE,
        "Topics or wordings to keep out of service messages",
    ),
)
