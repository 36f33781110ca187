"""F-32: two hundred mails as programs of many countries write them: subject, sender, files and every word as they were meant."""

from __future__ import annotations

import pytest

from hospes.channels.email.parsing import parse
from hospes.channels.email.tests.golden.letters import EARLIER
from hospes.channels.email.tests.golden.shapes import ALL, Golden, address


def test_f32_there_are_two_hundred() -> None:
    assert len(ALL) >= 200


@pytest.mark.parametrize("golden", ALL, ids=lambda one: f"{one.letter.language} {one.name}")
def test_f32_a_mail_says_what_was_meant(golden: Golden) -> None:
    read = parse(golden.raw)

    letter = golden.letter
    assert read.subject == letter.subject
    assert [(one.name, one.address) for one in read.senders] == [(letter.name, address(letter))]
    assert read.reply_text == letter.text
    assert (EARLIER in read.text) is golden.earlier
    assert tuple(one.name for one in read.files) == golden.files
    assert not read.automatic
