from django.db import migrations, models


class Migration(migrations.Migration):
    """Let all web processes count together; what is lost in a crash is only that somebody asked much."""

    dependencies = [("api", "0002_forget_answers_by_age")]

    operations = [
        migrations.CreateModel(
            name="Bucket",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("level", models.FloatField()),
                ("as_of", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["as_of"], name="bucket_age")]},
        ),
        migrations.RunSQL("ALTER TABLE api_bucket SET UNLOGGED", migrations.RunSQL.noop),
        migrations.RunSQL("ALTER TABLE api_bucket SET (fillfactor=50)", migrations.RunSQL.noop),
    ]
