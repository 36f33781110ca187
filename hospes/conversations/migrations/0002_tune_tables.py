from django.db import migrations


class Migration(migrations.Migration):
    """Inbox rows churn; who looks at what now may be forgotten at a crash."""

    dependencies = [("conversations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE conversations_inboxrow SET (fillfactor=80,"
            " autovacuum_vacuum_scale_factor=0.02)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("ALTER TABLE conversations_presence SET UNLOGGED", migrations.RunSQL.noop),
    ]
