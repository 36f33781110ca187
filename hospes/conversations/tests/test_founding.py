from hospes.channels.models import Channel
from hospes.conversations.actions.founding import found_first_desk
from hospes.conversations.models import Queue


def test_a_fresh_desk_takes_mail_to_any_address(db: None) -> None:
    channel = found_first_desk()

    assert channel is not None
    assert channel.is_catch_all
    assert Queue.objects.filter(brand=channel.brand).count() == 1


def test_founding_again_changes_nothing(db: None) -> None:
    found_first_desk()

    assert found_first_desk() is None
    assert Channel.objects.count() == 1
