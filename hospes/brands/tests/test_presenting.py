"""How a brand presents itself."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hospes.brands.actions.presenting import finish_set_up, present_brand
from hospes.brands.models import Brand, Site
from hospes.lib.refusal import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Brand:
    site, _ = Site.objects.get_or_create(pk=1)
    return Brand.objects.create(site=site, name="Kaldera")


def test_a_brand_is_called_as_it_says(brand: Brand) -> None:
    present_brand(brand, name=" Kaldera Espresso ", language="sl", signature="Lep pozdrav\n")

    again = Brand.objects.get()
    assert (again.name, again.language, again.signature) == (
        "Kaldera Espresso",
        "sl",
        "Lep pozdrav",
    )


@pytest.mark.parametrize(("name", "code"), [("  ", "no_name"), ("Other", "name_taken")])
def test_a_name_that_is_none_or_taken_is_refused(brand: Brand, name: str, code: str) -> None:
    Brand.objects.create(site=brand.site, name="Other")

    with pytest.raises(Refused) as refused:
        present_brand(brand, name=name, language="en", signature="")
    assert refused.value.code == code


def test_set_up_is_finished_once(brand: Brand) -> None:
    first = timezone.now()
    finish_set_up(at=first)
    finish_set_up(at=timezone.now())

    assert Site.objects.get(pk=1).set_up_at == first


def test_every_site_signs_with_keys_of_its_own(brand: Brand) -> None:
    other = Site.objects.create(pk=2)

    assert bytes(other.mail_key) != bytes(brand.site.mail_key)
    assert len(bytes(other.mail_key)) == len(bytes(other.reference_key)) == 32
