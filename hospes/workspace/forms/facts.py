"""What an operator says of one fact: its value, and what goes with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from hospes.markets.keys import KEYS
from hospes.markets.seasons import SEASONS
from hospes.workspace.forms import StyledForm
from hospes.workspace.forms.fact_controls import BY_TYPE, CONTROLS


class FactForm(StyledForm):
    """The value of one key. `value()` is what was given, as facts hold it, to be checked by the action."""

    def __init__(self, key: str, *args: Any, current: Any = None, **kwargs: Any) -> None:
        self.key = KEYS[key]
        fields = CONTROLS.get(key) or BY_TYPE[self.key.type]
        self.base_fields = {**fields.make(self.key), **self.base_fields}  # type: ignore[misc]
        self._read = fields.read
        self._current = current
        if current is not None:
            kwargs["initial"] = {**fields.initial(current), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def value(self) -> Any:
        """Return the value that was given. Needs `is_valid()`."""
        value = self._read(self.cleaned_data)
        return _as_they_were(value, self._current or ()) if self.key.name == SEASONS else value


class OwnValueForm(FactForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason to go below the law"), required=False, max_length=500,
        help_text=gettext_lazy("Only where the value gives customers less than the law."),
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("Until"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, key: str, *args: Any, has_floor: bool = True, **kwargs: Any) -> None:
        super().__init__(key, *args, **kwargs)
        if not has_floor:
            del self.fields["reason"], self.fields["until"]


class CorrectionForm(FactForm):
    citation = forms.CharField(
        label=gettext_lazy("Where it says so"), max_length=500,
        help_text=gettext_lazy("The law and its article, or the page."),
    )  # fmt: skip
    cited_on = forms.DateField(
        label=gettext_lazy("As of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _as_they_were(seasons: list[dict[str, Any]], current: Any) -> list[dict[str, Any]]:
    """Give seasons whose words for when were left alone the rules they had: no line of text can tell them all."""
    rules = {(one["event"], one["when"]): one.get("rules", ()) for one in current}
    return [
        {**one, "rules": rules.get((one["event"], one["when"]), one["rules"])} for one in seasons
    ]
