import django.contrib.postgres.search
from django.db import migrations, models

CREATE = """
CREATE TABLE search_document (
    message_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    queue_id smallint NOT NULL,
    at timestamptz NOT NULL,
    rules smallint NOT NULL,
    tokens tsvector NOT NULL
) PARTITION BY RANGE (message_id);
CREATE INDEX search_document_tokens ON search_document USING gin (tokens) WITH (fastupdate = on);
CREATE INDEX search_document_message ON search_document USING brin (message_id);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE search_document"),
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("message_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("conversation_id", models.BigIntegerField()),
                ("queue_id", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                ("rules", models.SmallIntegerField()),
                ("tokens", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={"db_table": "search_document", "managed": False},
        ),
    ]
