from django.db import migrations


class Migration(migrations.Migration):
    """The queue of events must stay tiny to stay fast."""

    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE events_pendingevent SET (fillfactor=50,"
            " autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000)",
            migrations.RunSQL.noop,
        ),
    ]
