"""`hospes mail fetch`: what is kept of what is said."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hospes.channels.models import IncomingServer
from hospes.config.cli import main
from tests.cast import Cast


@pytest.mark.parametrize(
    ("provider_word", "host", "next_step"),
    [
        ("google", "imap.gmail.com", "in the browser"),
        ("microsoft", "outlook.office365.com", "--sign-in"),
    ],
)
def test_a_provider_at_the_command_line_brings_its_own_port_and_encryption(
    cast: Cast, capsys: pytest.CaptureFixture[str], provider_word: str, host: str, next_step: str
) -> None:
    IncomingServer.objects.create(
        channel=cast.channel, host="127.0.0.1", port=18243, security="none", username="x",
        since=timezone.localdate(), changed_at=timezone.now(),
    )  # fmt: skip

    assert (
        main(["mail", "fetch", cast.channel.address, f"--{provider_word}", "--client-id", "x"]) == 0
    )

    kept = IncomingServer.objects.get()
    assert (kept.host, kept.port, kept.security) == (host, 993, "tls")
    assert next_step in capsys.readouterr().out
