"""What the demo's shop says again and again: the phrases every desk can begin with, and two texts of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from hospes.team.models import Agent
from hospes.texts.actions.starting import start_with_phrases
from hospes.texts.actions.writing import About, Form, make_text, say

PARCEL = {
    Form("en"): "{salutation}\n\nYour parcel is on its way. You can follow it with this number: {? the number}\n\n{closing}",
    Form("de"): "{salutation}\n\nIhr Paket ist unterwegs. Mit dieser Nummer können Sie es verfolgen: {? Nummer}\n\n{closing}",
    Form("de", formality="informal"): "{salutation}\n\ndein Paket ist unterwegs. Mit dieser Nummer kannst du es verfolgen: {? Nummer}\n\n{closing}",
    Form("sl"): "{salutation}\n\nVaš paket je na poti. Sledite mu lahko s to številko: {? številka}\n\n{closing}",
    Form("fr"): "{salutation}\n\nVotre colis est en route. Vous pouvez le suivre avec ce numéro : {? numéro}\n\n{closing}",
    Form("es"): "{salutation}\n\nSu paquete está en camino. Puede seguirlo con este número: {? número}\n\n{closing}",
    Form("ja"): "{salutation}\n\nお荷物は配送中でございます。次の番号でご確認いただけます：{? 番号}\n\n{closing}",
    Form("ar"): "{salutation}\n\nطردكم في الطريق إليكم. يمكنكم متابعته بهذا الرقم: {? الرقم}\n\n{closing}",
}  # fmt: skip
DESCALE = {
    Form("en"): "Fill the tank with one litre of water and the descaler, press both buttons for three seconds, and let it run through.",
    Form("de"): "Füllen Sie den Tank mit einem Liter Wasser und dem Entkalker, drücken Sie beide Tasten drei Sekunden lang und lassen Sie das Wasser durchlaufen.",
    Form("sl"): "V posodo nalijte liter vode in sredstvo proti vodnemu kamnu, tri sekunde držite obe tipki in pustite, da voda steče skozi aparat.",
    Form("ja"): "タンクに水1リットルと除石灰剤を入れ、両方のボタンを3秒間押し、そのまま流し切ってください。",
}  # fmt: skip


def repeat(*, by: Agent, at: datetime) -> None:
    """Write the texts. The shop's new descaler has another dose: one language was not told yet."""
    start_with_phrases(by_id=by.pk, at=at)
    before = at - timedelta(days=40)
    for name, shortcut, said in (("Parcel on its way", "parcel", PARCEL), ("Descaling", "descale", DESCALE)):  # fmt: skip
        body = said[Form("en")]
        text = make_text(About(name, shortcut), language="en", body=body, by_id=by.pk, at=before)
        for form, words in said.items():
            if form != Form("en"):
                say(text, form, words, by_id=by.pk, at=before)
    less = DESCALE[Form("en")].replace("one litre", "half a litre")
    say(text, Form("en"), less, by_id=by.pk, at=at - timedelta(days=3))
