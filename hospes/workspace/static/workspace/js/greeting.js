// Begin and end a reply as its customer is addressed; what is written already stays between the two.
import { $ } from "./requests.js";

export function startGreeting() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-greet]");
    if (button) greet(button.dataset.greet).catch(() => {});
  });
}

async function greet(url) {
  const here = $("#composer");
  if (here.dataset.kind !== "reply") $("[data-kind=reply][role=tab]", here).click();
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok || $("#composer") !== here || here.dataset.kind !== "reply") return;
  const { salutation, closing } = await answer.json();
  const body = $("#body");
  const said = body.value.trim();
  const begun = said.startsWith(salutation) ? said : `${salutation}\n\n${said}`;
  const whole = begun.endsWith(closing) ? begun : `${begun.trimEnd()}\n\n${said ? "" : "\n\n"}${closing}`;
  if (whole === body.value) return;
  body.value = whole;
  // Writing goes on between the two: where the text ended, or where it is to begin.
  const place = said && !said.endsWith(closing) ? whole.length - closing.length - 2 : salutation.length + 2;
  body.focus();
  body.setSelectionRange(place, place);
  body.dispatchEvent(new Event("input", { bubbles: true }));
}
