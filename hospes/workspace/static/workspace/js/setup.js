// Set-up guesses what the browser knows: the time zone.
for (const select of document.querySelectorAll("[data-guess-zone], select[name=zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!select.value || select.value === "UTC") if ([...select.options].some((one) => one.value === zone)) select.value = zone;
}
