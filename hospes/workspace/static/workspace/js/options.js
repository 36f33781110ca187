// A list of options under a search field: arrow keys choose one while what is typed stays in the field.

/** Which one is chosen; -1 for none. */
export const chosen = (options) => options.findIndex((one) => one.getAttribute("aria-selected") === "true");

export function choose(options, at, field) {
  options.forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
  field.setAttribute("aria-activedescendant", options[at]?.id || "");
  options[at]?.scrollIntoView({ block: "nearest" });
}

/** Whether the key was an arrow: then the next or the one before is chosen, all round. */
export function steps(event, options, field) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return false;
  event.preventDefault();
  const by = event.key === "ArrowDown" ? 1 : -1;
  choose(options, (chosen(options) + by + options.length) % Math.max(1, options.length), field);
  return true;
}
