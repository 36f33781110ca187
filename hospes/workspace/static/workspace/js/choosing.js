// Several mails chosen for one decision: all on a page at once, and no decision while none is chosen.
import { $, $$ } from "./requests.js";

const boxes = () => $$("input[name=raw][form=chosen]");

export function startChoosing() {
  if (!$("[data-choosing]")) return;
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose-all]")) for (const one of boxes()) one.checked = event.target.checked;
    if (event.target.matches("[data-choose-all], input[name=raw]")) show();
  });
  window.addEventListener("pageshow", show);  // browsers keep what was chosen when somebody comes back
  show();
}

function show() {
  const chosen = boxes().filter((one) => one.checked).length;
  const all = $("[data-choose-all]");
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
  for (const button of $$("[data-choosing] button")) button.disabled = chosen === 0;
}
