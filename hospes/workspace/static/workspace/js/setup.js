// Set-up guesses what the browser knows: the time zone.
for (const select of document.querySelectorAll("[data-guess-zone], select[name=zone]")) {
  const aliases = JSON.parse(select.dataset.guessZone || "{}");  // browsers keep old names
  const named = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = aliases[named] || named;
  if (!select.value || select.value === "UTC") if ([...select.options].some((one) => one.value === zone)) select.value = zone;
}
