// Whom a reply goes to: told in one line, changed in two fields, with a warning when the customer is left out.
import { $ } from "./requests.js";

const MANY = 10;  // recipients that nobody sees at a glance
const form = () => $("#composer");

export function startPeople() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-to], [data-show-cc]");
    if (!button || !form()) return;
    const isCopy = button.matches("[data-show-cc]");
    const isWanted = isCopy || $("#people").hidden;
    open(isWanted);
    if (isWanted) $(isCopy ? "#cc" : "#to").focus();
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("#composer #to, #composer #cc")) return;
    form().dataset.touched = "1";
    showPeople();
  });
}

function open(is) {
  $("#people").hidden = !is;
  $("[data-show-to]").setAttribute("aria-expanded", String(is));
}

/** Make the line say what the fields say. */
export function showPeople() {
  if (!form()) return;
  const { to, cc } = form().elements;
  $("#recipient").textContent = to.value;
  const copied = $("#copied");
  copied.hidden = !cc.value.trim();
  const list = document.createElement("bdi");
  list.textContent = cc.value;
  copied.replaceChildren(`${copied.dataset.copy} `, list);
  const customers = ($("#conv-head").dataset.customers || "").split(" ").filter(Boolean);
  const named = `${to.value},${cc.value}`.toLowerCase();
  const isLeftOut = customers.length > 0 && !customers.some((one) => named.includes(one));
  const warning = $("#people-warning");
  const count = `${to.value},${cc.value}`.split(",").filter((one) => one.includes("@")).length;
  const many = count > MANY ? warning.dataset.many.replace("{count}", count.toLocaleString(document.documentElement.lang)) : "";
  const words = isLeftOut ? warning.dataset.words : many;
  if (words !== warning.textContent) warning.textContent = words;
}

/** Begin anew: as proposed. */
export function forgetPeople() {
  const { to, cc } = form().elements;
  form().dataset.touched = "";
  to.value = $("#conv-head").dataset.to;
  cc.value = $("#conv-head").dataset.cc;
  open(false);
  showPeople();
}

export function restorePeople(to, cc) {
  form().dataset.touched = "1";
  form().elements.to.value = to;
  form().elements.cc.value = cc;
  showPeople();
}
