"""Texts: chosen while a reply is written, and kept by operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospes.lib.refusal import Refused
from hospes.texts import table
from hospes.texts.actions import importing, starting, writing
from hospes.texts.models import Text, Variant
from hospes.texts.placeholders import PLACEHOLDERS
from hospes.workspace.access import AgentRequest, agent_required, conversation, operator_required
from hospes.workspace.filling import ForCustomer
from hospes.workspace.forms.texts import AboutForm, ImportForm, NewTextForm, VariantForm
from hospes.workspace.frame import page

WEIGHED, OFFERED = 200, 30  # texts that hold the words; those of them that are shown
MOST_CHARS = 100
COPIED = "imported_texts"  # in the session: the table whose preview is looked at


@dataclass(frozen=True)
class Listed:
    """A text in the list. stale: how many variants say what the source said before."""

    text: Text
    source: Variant
    languages: list[str]
    stale: int


@dataclass(frozen=True)
class Shown:
    """A variant on the page of its text."""

    variant: Variant
    form: VariantForm
    is_source: bool
    is_stale: bool


@require_safe
@agent_required
def offered(request: AgentRequest, reference: str) -> HttpResponse:
    """The texts that hold some words, each as this customer gets it: for the menu of the composer."""
    one = conversation(request, reference)
    asked = request.GET.get("q", "").strip()[:MOST_CHARS]
    found = _holding(_texts().filter(Q(brand=None) | Q(brand=one.brand_id)), asked)
    whom = ForCustomer(one, by=request.user, now=timezone.now())
    best = sorted(found[:WEIGHED], key=lambda text: _rank(text, asked))[:OFFERED]
    shown = [whom.offered(text) for text in best]
    return render(request, "workspace/parts/texts.html", {"offered": shown, "asked": asked})


@require_http_methods(["GET", "POST"])
@operator_required
def index(request: AgentRequest) -> HttpResponse:
    """All texts, how far each goes, and a form for the next one."""
    form = NewTextForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    if form.is_bound and form.is_valid():
        try:
            made = writing.make_text(
                form.about,
                language=form.cleaned_data["language"],
                body=form.cleaned_data["body"],
                by_id=request.user.pk,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_text", made.pk)
    asked = request.GET.get("q", "").strip()[:MOST_CHARS]
    values = {
        "texts": [_listed(text) for text in _holding(_texts(), asked)],
        "archived": Text.objects.exclude(archived_at=None),
        "asked": asked,
        "form": form,
        "import_form": ImportForm(),
        "places": PLACEHOLDERS,
        "section": "texts",
    }
    return page(request, "workspace/settings/texts.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def text(request: AgentRequest, text_id: int) -> HttpResponse:
    """One text: what it is called, and each of its variants."""
    found = get_object_or_404(_texts(archived=True), pk=text_id)
    about = AboutForm.of(found)
    if request.method == "POST":
        about = AboutForm(request.POST)
        if about.carried_out(
            lambda: writing.describe_text(
                found, about.about, by_id=request.user.pk, at=timezone.now()
            )
        ):
            messages.success(request, _("Saved."))
            return redirect("settings_text", found.pk)
    return _text_page(request, found, about=about)


@operator_required
@require_POST
def variant(request: AgentRequest, text_id: int) -> HttpResponse:
    """Say something in one variant; it is made where there is none."""
    found = get_object_or_404(_texts(), pk=text_id)
    form = VariantForm(request.POST)
    if form.carried_out(
        lambda: writing.say(
            found,
            form.form_of_variant,
            form.cleaned_data["body"],
            by_id=request.user.pk,
            at=timezone.now(),
            is_small=form.cleaned_data["is_small"],
        )
    ):
        messages.success(request, _("Saved."))
        return redirect("settings_text", found.pk)
    return _text_page(request, found, wrong=form)


@operator_required
@require_POST
def variant_checked(request: AgentRequest, variant_id: int) -> HttpResponse:
    one = get_object_or_404(Variant, pk=variant_id)
    writing.keep_as_it_is(one, by_id=request.user.pk, at=timezone.now())
    messages.success(request, _("It says what the source says."))
    return redirect("settings_text", one.text_id)


@operator_required
@require_POST
def variant_removal(request: AgentRequest, variant_id: int) -> HttpResponse:
    one = get_object_or_404(Variant.objects.select_related("text"), pk=variant_id)
    return _done(request, one.text_id, lambda: writing.drop_variant(one, by_id=request.user.pk, at=timezone.now()))  # fmt: skip


@operator_required
@require_POST
def archive(request: AgentRequest, text_id: int) -> HttpResponse:
    """Put it away, or take it out again."""
    found = get_object_or_404(Text, pk=text_id)
    act = writing.archive_text if found.is_in_use else writing.restore_text
    return _done(request, found.pk, lambda: act(found, by_id=request.user.pk, at=timezone.now()))


@operator_required
@require_POST
def start(request: AgentRequest) -> HttpResponse:
    """Begin with phrases in the languages we speak to customers in."""
    made = starting.start_with_phrases(by_id=request.user.pk, at=timezone.now())
    messages.success(request, ngettext("%(count)d text was added.", "%(count)d texts were added.", made) % {"count": made})  # fmt: skip
    return redirect("settings_texts")


@operator_required
@require_safe
def export(request: AgentRequest) -> HttpResponse:
    answer = HttpResponse(table.written(_texts()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="texts.csv"'
    return answer


@operator_required
@require_POST
def take_over(request: AgentRequest) -> HttpResponse:
    """Show what a table would change; asked again with `agreed`, change it."""
    try:
        if request.POST.get("agreed"):
            return _taken_over(request)
        data = _table_in(request)
        changes = importing.preview(table.read(data))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("settings_texts")
    request.session[COPIED] = data.decode("utf-8-sig")
    has_problems = any(one.problem for one in changes)
    values = {"changes": changes, "has_problems": has_problems, "section": "texts"}
    return page(request, "workspace/settings/texts_import.html", values)


def _table_in(request: AgentRequest) -> bytes:
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refused(_("Choose a file."), code="no_file")
    data: bytes = form.cleaned_data["file"].read(table.MOST_BYTES + 1)
    return data


def _taken_over(request: AgentRequest) -> HttpResponse:
    rows = table.read(request.session.pop(COPIED, "").encode())
    done = importing.take_over(rows, by_id=request.user.pk, at=timezone.now())
    changed = sum(bool(one.columns) for one in done)
    said = ngettext("%(count)d text was changed.", "%(count)d texts were changed.", changed)
    messages.success(request, said % {"count": changed})
    return redirect("settings_texts")


def _texts(*, archived: bool = False) -> QuerySet[Text]:
    rows = Text.objects.select_related("brand").prefetch_related("variants")
    return rows if archived else rows.filter(archived_at=None)


def _holding(rows: QuerySet[Text], asked: str) -> QuerySet[Text]:
    for word in asked.lstrip("/").split():
        said = Variant.objects.filter(body__icontains=word).values("text")
        rows = rows.filter(Q(name__icontains=word) | Q(shortcut__icontains=word) | Q(pk__in=said))
    return rows


def _rank(text: Text, asked: str) -> tuple[bool, bool, str]:
    words = asked.lstrip("/").casefold()
    return (text.shortcut != words, not text.shortcut.startswith(words), text.name.casefold())


def _listed(text: Text) -> Listed:
    variants = list(text.variants.all())
    return Listed(
        text,
        source=next(one for one in variants if one.is_source_of(text)),
        languages=list(dict.fromkeys(one.language for one in variants)),
        stale=sum(one.is_stale(text) for one in variants),
    )


def _text_page(
    request: AgentRequest,
    text: Text,
    *,
    about: AboutForm | None = None,
    wrong: VariantForm | None = None,
) -> HttpResponse:
    """The page of one text; `wrong`: the form of a variant that could not be kept."""
    asked = wrong.form_of_variant if wrong is not None else None
    variants = [
        Shown(
            variant=one,
            form=wrong.settled(is_source=one.is_source_of(text))
            if wrong is not None and asked == table.form_of(one)
            else VariantForm.of(one, is_source=one.is_source_of(text)),
            is_source=one.is_source_of(text),
            is_stale=one.is_stale(text),
        )
        for one in text.variants.all()
    ]
    is_placed = any(one.form is wrong for one in variants)
    values = {
        "text": text,
        "variants": sorted(variants, key=lambda one: not one.is_source),
        "about_form": about or AboutForm.of(text),
        "new_form": VariantForm().new() if wrong is None or is_placed else wrong.new(),
        "places": PLACEHOLDERS,
        "section": "texts",
    }
    return page(request, "workspace/settings/text.html", values)


def _done(request: AgentRequest, text_id: int, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Saved."))
    return redirect("settings_text", text_id)
