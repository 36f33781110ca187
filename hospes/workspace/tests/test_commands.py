"""Keys and commands: what the palette and the sheet of keys promise, the pages keep."""

from __future__ import annotations

import re
from pathlib import Path

from django.test import Client
from django.urls import reverse

from hospes.workspace.commands import COMMANDS, commands_of
from hospes.workspace.tests.stage import set_stage
from tests.cast import Cast

SCRIPTS = Path(__file__).parents[1] / "static" / "workspace" / "js"
# Browsers keep these for themselves, and so do we.
OF_THE_BROWSER = {"Control+f", "Control+t", "Control+w", "Control+l", "Control+p", "Control+r"}


def test_no_two_commands_share_a_key() -> None:
    keys = [one.keys for one in COMMANDS if one.keys]

    assert len(keys) == len(set(keys))
    assert not OF_THE_BROWSER & set(keys)


def test_no_key_alone_is_the_beginning_of_two_keys_in_turn() -> None:
    alone = {one.keys for one in COMMANDS if " " not in one.keys}
    assert not {one.keys.split()[0] for one in COMMANDS if " " in one.keys} & alone


def test_every_command_presses_something_goes_somewhere_or_is_done_by_the_scripts() -> None:
    scripts = "\n".join(path.read_text("utf-8") for path in SCRIPTS.glob("*.js"))
    for one in COMMANDS:
        is_done = re.search(rf'^  "?{re.escape(one.name)}"?: ', scripts, re.MULTILINE)
        is_known = one.keys in {"Enter", "Escape", "Control+Enter", "Control+Shift+Enter"}
        assert one.press or one.address or is_done or is_known, one.name


def test_what_a_command_presses_is_on_the_page_of_a_conversation(cast: Cast) -> None:
    stage = set_stage(cast)
    client = Client()
    client.force_login(cast.mina)
    page = client.get(reverse("conversation", args=[stage.conversation.reference])).content.decode()

    for one in COMMANDS:
        for name in re.findall(r"#([a-z-]+)", one.press):
            if name != "list":  # comes with the list, beside the page
                assert f'id="{name}"' in page, one.name


def test_agents_are_not_offered_what_only_operators_may(cast: Cast) -> None:
    offered = {one.command.name for one in commands_of(cast.mina)}

    assert "reply" in offered
    assert not {"team", "channels", "outgoing", "brand", "held"} & offered
    assert {"team", "held"} <= {one.command.name for one in commands_of(cast.ana)}
