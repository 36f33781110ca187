from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.functions import Lower

# One sign of Han, kana or Hangul.
SIGN = (
    "[\u3005\u3006\u3041-\u3096\u30a1-\u30fa\u3131-\u318e\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]"
)


class Migration(migrations.Migration):
    """Let customers be found by one sign of their name, where one sign is a word.

    Not concurrently: who migrates holds an advisory lock for which others wait, and whose waiting the
    building of an index would wait for.
    """

    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=GinIndex(
                models.Func(Lower("display_name"), models.Value(None), function="string_to_array"),
                condition=models.Q(("display_name__regex", SIGN)),
                name="customer_find_by_sign",
            ),
        ),
    ]
