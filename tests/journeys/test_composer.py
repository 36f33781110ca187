"""What an agent is writing: whom it goes to, what goes with it, and that none of it is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browsing import Comes
from tests.journeys.test_main_job import left, opens, write
from tests.mail import Sink
from tests.running import Desk, wait_until

pytestmark = pytest.mark.browser

FILE = {"name": "Račun ž.txt", "mimeType": "text/plain", "buffer": "水".encode()}


FIND = """
from django.utils import timezone
from hospes.conversations.actions.assigning import assign
from hospes.conversations.models import Conversation
from hospes.team.models import Agent
found = Conversation.objects.filter(subject={subject!r}).first()
mina = Agent.objects.get(email="mina@kaldera.example")
if found and {is_minas} and found.assignee_id is None:
    assign(found, to=mina, by=mina, at=timezone.now())
print(found.reference if found else "")
"""


def comes_in(
    desk: Desk, from_: str, subject: str, *, is_minas: bool = False, **more: Any
) -> tuple[str, str]:
    """Let a letter come in; return its subject and where its conversation stands."""
    subject = write(desk, from_, subject, "Hola", **more)
    asked = FIND.format(subject=subject, is_minas=is_minas)
    reference = wait_until(lambda: desk.python(asked).strip(), why=f"{subject} is understood")
    return subject, f"/c/{reference}/"


def lose(route: Route) -> None:
    route.abort()


def kept(page: Page) -> None:
    """Wait until the draft has been saved."""
    expect(page.locator("#draft-state")).to_have_text("Draft saved")


def test_a_draft_keeps_its_text_its_recipients_and_its_files(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    _, place = comes_in(
        desk, "Carmen <carmen@example.es>", "Factura", cc="Jefe <jefe@corp.example>"
    )
    page = mina.goes_to(place)
    expect(page.locator("#recipient")).to_contain_text("carmen@example.es")
    expect(page.locator("#copied")).to_contain_text("jefe@corp.example")

    page.locator("[data-show-to]").click()
    page.locator("#cc").fill("Socia <socia@corp.example>")
    page.locator("#body").fill("Aquí está.")
    kept(page)
    page.locator("#files").set_input_files([FILE])
    expect(page.locator("#chosen-files li[data-kept]")).to_contain_text("Račun ž.txt")
    page.reload()

    expect(page.locator("#body")).to_have_value("Aquí está.")
    expect(page.locator("#copied")).to_contain_text("socia@corp.example")
    expect(page.locator("#chosen-files li")).to_contain_text("Račun ž.txt")

    with page.expect_response("**/drop/"):
        page.locator("[data-remove-file]").click()
    expect(page.locator("#chosen-files li")).to_have_count(0)
    page.reload()
    expect(page.locator("#chosen-files li")).to_have_count(0)


def test_a_reply_goes_to_whom_its_writer_says_and_comes_back_whole(
    desk: Desk, comes: Comes, sink: Sink
) -> None:
    mina, jonas = comes("mina"), comes("jonas")
    subject, place = comes_in(desk, "Carmen <carmen@example.es>", "Bomba")
    page, other = mina.goes_to(place), jonas.goes_to(place)
    for agent in (mina, jonas):
        agent.is_live()
    page.locator("[data-show-cc]").click()
    page.locator("#cc").fill("Socia <socia@corp.example>")
    page.locator("#to").fill("")
    page.keyboard.press("Enter")  # never sends
    expect(page.locator("#body")).to_be_focused()
    page.locator("#body").fill("x")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer .notice")).to_contain_text("Say whom it goes to")
    page.locator("#to").fill("taller@corp.example")
    expect(page.locator("#people-warning")).to_have_text(
        "The customer is not among the recipients."
    )
    page.locator("#to").fill("Carmen <carmen@example.es>")
    expect(page.locator("#people-warning")).to_have_text("")
    page.locator("#files").set_input_files([FILE])
    expect(page.locator("#chosen-files li[data-kept]")).to_have_count(1)
    page.locator("#body").fill("Va en camino.")
    expect(other.locator("#present")).to_contain_text("is writing")
    page.locator("#cc").focus()
    page.keyboard.press("Control+Enter")

    expect(page.locator(".msg.mine")).to_contain_text("Va en camino.")
    expect(page.locator(".msg.mine .msg-head")).to_contain_text("Carmen")
    expect(other.locator("#present")).not_to_contain_text("is writing")
    expect(page.locator("#chosen-files li")).to_have_count(0)
    expect(page.locator("#timeline .event")).to_contain_text("took it")

    page.locator("#toasts button").first.click()
    expect(page.locator("#body")).to_have_value("Va en camino.")
    expect(page.locator("#copied")).to_contain_text("socia@corp.example")
    expect(page.locator("#chosen-files li")).to_contain_text("Račun ž.txt")
    expect(page.locator("#timeline .event")).to_have_count(0)
    page.locator("#body").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .event")).to_have_count(1)

    letter = left(sink, subject)
    assert "socia@corp.example" in str(letter["Cc"])
    assert [part.get_filename() for part in letter.walk() if part.get_filename()] == ["Račun ž.txt"]


def test_what_was_typed_a_moment_before_leaving_is_kept(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    first, _ = comes_in(desk, "Carmen <carmen@example.es>", "Primera", is_minas=True)
    second, _ = comes_in(desk, "Blanca <blanca@example.es>", "Segunda", is_minas=True)
    mina.goes_to("/inbox/mine/")
    mina.is_live()
    page = opens(mina, first)
    page.locator("#body").press_sequentially("Aquí")
    opens(mina, second)
    expect(page.locator("#body")).to_have_value("")
    opens(mina, first)
    expect(page.locator("#body")).to_have_value("Aquí")

    mina.expected = [*mina.expected, re.compile("ERR_FAILED")]
    page.route("**/drafts/reply/", lose)  # a bad line
    page.locator("#body").press_sequentially(" está")
    opens(mina, second)
    opens(mina, first)
    expect(page.locator("#body")).to_have_value("Aquí está")
    page.unroute("**/drafts/reply/", lose)
    kept(page)
    page.reload()
    expect(page.locator("#body")).to_have_value("Aquí está")

    page.locator("#composer [role=tab][data-kind=note]").click()
    page.locator("#body").press_sequentially("Ojo")
    with page.expect_request("**/drafts/note/"):
        page.reload()
    page.reload()  # the first may have been faster than the draft
    page.locator("#composer [role=tab][data-kind=note]").click()
    expect(page.locator("#body")).to_have_value("Ojo")


def test_a_note_goes_to_nobody(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    _, place = comes_in(desk, "Carmen <carmen@example.es>", "Nota")
    page = mina.goes_to(place)
    page.locator("#composer [role=tab][data-kind=note]").click()
    expect(page.locator("[data-show-to]")).not_to_be_visible()
    expect(page.locator("[data-show-cc]")).not_to_be_visible()


def test_salutation_and_closing_stand_around_what_is_written(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    _, place = comes_in(desk, "Lola Ortega <lola@example.es>", "Saludo")
    page = mina.goes_to(place)
    body = page.locator("#body")

    body.fill("El paquete sale hoy.")
    page.locator("[data-greet]").click()
    greeted = re.compile(r"Lola Ortega[,:]\n\nEl paquete sale hoy\.\n\n.+\nMina Ortega$", re.DOTALL)
    expect(body).to_have_value(greeted)
    kept(page)

    said = body.input_value()
    page.locator("[data-greet]").click()  # it stands there already
    page.reload()
    expect(body).to_have_value(said)


TEXT = """
from django.utils import timezone
from hospes.texts.actions.writing import About, Form, make_text, say
text = make_text(About("Broken cup", "cup"), language="en", body="A new cup is coming.", by_id=None, at=timezone.now())
say(text, Form("es"), "Hola {name}:\\n\\nla taza nueva llega el {? fecha}.", by_id=None, at=timezone.now())
"""


def test_a_text_is_found_by_its_shortcut_and_put_in_for_the_customer(
    desk: Desk, comes: Comes
) -> None:
    desk.python(TEXT)
    mina = comes("mina")
    subject = write(desk, "Inés <ines@taza.example.es>", "Taza rota", "Hola, la taza llegó rota. ¿Qué puedo hacer ahora?")  # fmt: skip
    asked = FIND.format(subject=subject, is_minas=False)
    reference = wait_until(lambda: desk.python(asked).strip(), why=f"{subject} is understood")
    page = mina.goes_to(f"/c/{reference}/")
    body = page.locator("#body")

    body.press("/")
    page.keyboard.type("cup")
    expect(page.locator("#texts-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(body).to_have_value("Hola Inés:\n\nla taza nueva llega el {? fecha}.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer .notice")).to_contain_text("{? fecha}")
    body.evaluate(
        "body => { const at = body.value.indexOf('{'); body.setSelectionRange(at, body.value.length - 1); }"
    )
    page.keyboard.type("lunes")
    kept(page)
    page.keyboard.press("Control+Enter")
    expect(body).to_have_value("")


def test_whoever_wants_no_text_gets_the_sign_that_was_typed(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    _, place = comes_in(desk, "Pilar <pilar@taza.example.es>", "Ruta")
    page = mina.goes_to(place)
    body = page.locator("#body")

    body.press("/")
    page.keyboard.type("etc")
    page.keyboard.press("Escape")
    body.press("/")

    expect(body).to_have_value("/etc/")
    expect(page.locator("#texts")).to_be_hidden()


def test_a_text_is_found_by_a_slash_chosen_by_arrow_keys_and_put_in(
    desk: Desk, comes: Comes
) -> None:
    mina = comes("mina")
    _, place = comes_in(desk, "Carmen <carmen.slash@example.es>", "Paquete")
    desk.python(
        "from django.utils import timezone\n"
        "from hospes.texts.actions.writing import About, make_text\n"
        "for name, body in (('Slash one', 'Uno.'), ('Slash two', 'Dos.'), ('Other', 'Tres.')):\n"
        "    make_text(About(name), language='es', body=body, by_id=None, at=timezone.now())\n"
    )
    page = mina.goes_to(place)
    page.locator("#body").focus()
    page.keyboard.type("/")
    page.locator("#texts-find").fill("Slash")  # at once: each sign typed would ask anew
    options = page.locator("#texts-list [role=option]")
    expect(options).to_have_count(2)
    expect(options.first).to_have_attribute("aria-selected", "true")

    page.keyboard.press("ArrowDown")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")  # all round
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    expect(page.locator("#body")).to_have_value("Dos.")
    expect(page.locator("#texts")).to_be_hidden()
