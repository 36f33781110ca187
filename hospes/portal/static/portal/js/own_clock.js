// Shows the page on the reader's own clock, once: whoever chose another one keeps it.
const address = new URL(location.href);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !("clockChosen" in document.body.dataset) && !address.searchParams.has("zone")) {
  address.searchParams.set("zone", zone);
  location.replace(address);
}
