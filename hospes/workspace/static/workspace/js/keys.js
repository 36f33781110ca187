// Keys. Single ones can be switched off in the settings; each has a button that does the same.
// A button names its key in aria-keyshortcuts, so there is one place that knows it.
import { $, $$ } from "./requests.js";
import { undoLast } from "./toasts.js";
import { isWriting, moveRow, openRow } from "./list.js";

let goesTo = 0;

export function startKeys() {
  addEventListener("keydown", onKey);
  // A message shown as it was designed sits in a frame: its keys are ours as well.
  document.addEventListener("frame-ready", (event) => event.detail.addEventListener("keydown", onKey));
}

function onKey(event) {
  if (event.isComposing || event.keyCode === 229) return;  // an input method is at work
  const withControl = event.ctrlKey || event.metaKey;
  if (withControl && event.key.toLowerCase() === "k") return take(event, () => togglePalette());
  if (event.key === "Escape") return onEscape(event);
  if (withControl || event.altKey || isWriting(event.target)) return;
  if (document.body.dataset.singleKeys === "off" || $("dialog[open]")) return;
  if (Date.now() - goesTo < 1000) return go(event);
  const run = single(event);
  if (run) take(event, run);
}

function single(event) {
  const key = event.key;
  if (key === "j" || key === "k") return () => moveRow(key === "j" ? 1 : -1);
  if (key === "J" || key === "K") return () => openRow(key === "J" ? 1 : -1);
  if (key === "g") return () => { goesTo = Date.now(); };
  if (key === "u") return () => undoLast();
  if (key === "[") return () => document.documentElement.classList.toggle("hide-list");
  if (key === "]") return () => document.documentElement.classList.toggle(matchMedia("(max-width: 76rem)").matches ? "show-side" : "hide-side");
  if (key === "E") return () => { $("#close-button")?.click(); openRow(1); };
  if (key === "/") return togglePalette;
  const button = $$("[aria-keyshortcuts]").find((one) => one.getAttribute("aria-keyshortcuts").split(" ").includes(key));
  return button && !button.hidden ? () => press(button) : null;
}

function press(button) {
  if (button.tagName === "SUMMARY") {
    button.parentElement.open = !button.parentElement.open;
    button.focus();
  } else button.click();
}

function go(event) {
  goesTo = 0;
  const link = $(`[data-goto="${CSS.escape(event.key)}"]`);
  if (link) take(event, () => link.click());
}

function onEscape(event) {
  const menu = $("details.menu[open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); return; }
  if ($("dialog[open]")) return;
  if (isWriting(event.target)) { event.target.blur(); return; }
  document.documentElement.classList.remove("show-side");
  $("#list .conv[aria-current]")?.focus();
}

function togglePalette() {
  const palette = $("#palette");
  if (palette.open) palette.close(); else palette.showModal();
}

function take(event, run) {
  event.preventDefault();
  run();
}
