from django.db import migrations


class Migration(migrations.Migration):
    """Mail does not compress well enough to pay; the queue must stay tiny to stay fast."""

    dependencies = [("intake", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE intake_raw ALTER body SET STORAGE EXTERNAL", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "ALTER TABLE intake_pendingraw SET (fillfactor=50,"
            " autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000)",
            migrations.RunSQL.noop,
        ),
    ]
