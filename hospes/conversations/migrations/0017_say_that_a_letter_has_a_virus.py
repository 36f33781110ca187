from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0016_take_places_for_automatic_mail'),
    ]

    operations = [
        migrations.AlterField(
            model_name='outboxentry',
            name='reason',
            field=models.CharField(blank=True, choices=[('no_server', 'Waiting: no outgoing server is set.'), ('demo', 'Waiting: the demo wrote this reply, so it is never sent.'), ('held', 'Waiting: this desk was restored from a backup and may not send yet.'), ('in_backup', 'It waited when the backup was made, and may have left since, before the desk was restored.'), ('unreachable', 'The outgoing server could not be reached. We try again.'), ('refused_for_now', 'The outgoing server said: not now. We try again.'), ('refused', 'The outgoing server refused it.'), ('gave_up', 'The outgoing server did not take it for two days.'), ('broken', 'It could not be put into a mail.'), ('no_answer', 'The outgoing server took the text and then did not answer.'), ('not_yet', 'The outgoing server took the text and has not answered yet.'), ('asked_again', 'The provider did not answer. We ask again under the same number, so it cannot go twice.'), ('rate', 'Waiting: only so many letters may leave this address in a minute or an hour.'), ('partly', 'The outgoing server refused some of the recipients.'), ('bounced', 'The mail server of the customer sent it back.'), ('no_such_address', 'The mail server of the customer does not know this address.'), ('mailbox_full', 'The mailbox of the customer is full.'), ('too_large', 'It is too large for the mail server of the customer.'), ('unwanted', 'The mail server of the customer refused it as unwanted.'), ('not_by_provider', 'The provider did not send it: mail to this address came back to it before.'), ('complained', 'Whoever got it reported it as unwanted.'), ('delayed', 'The mail server of the customer has not taken it yet and tries on.'), ('too_late', 'It would have come too late.'), ('copy_bounced', 'It came back from somebody in copy.'), ('unchecked', 'Waiting: the virus scanner does not answer.'), ('virus', 'A virus was found in a file that was to go with it.'), ('suppressed', 'Mail to this address came back twice, so nothing more goes there. Send it again to try once more.')], default='', max_length=16),
        ),
    ]
