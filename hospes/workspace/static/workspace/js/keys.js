// Keys. Single ones can be switched off in the settings; each has a control that does the same.
// Which key does what stands in the page's list of commands (commands.py), which the palette and the sheet show.
import { $, $$ } from "./requests.js";
import { undoLast } from "./toasts.js";
import { togglePane } from "./dialogs.js";
import { isWriting, moveRow, openRow } from "./list.js";

const SEQUENCE = 1200;  // milliseconds between two keys pressed in turn
const does = {
  next: () => moveRow(1),
  previous: () => moveRow(-1),
  "open-next": () => openRow(1),
  "open-previous": () => openRow(-1),
  "close-next": () => { $("#close-button")?.click(); openRow(1); },
  "hide-list": () => togglePane("hide-list"),
  "hide-side": () => togglePane("hide-side"),
  undo: () => undoLast(),
  palette: togglePalette,
  search: togglePalette,
};
let begun = "";
let begunAt = 0;

export function startKeys() {
  addEventListener("keydown", onKey);
  // A message shown as it was designed sits in a frame: its keys are ours as well.
  document.addEventListener("frame-ready", (event) => event.detail.addEventListener("keydown", onKey));
}

export const commands = () => $$("[role=option]", $("#palette-commands").content);

/** Whether a command has something to do on this page. */
export function isOffered(command) {
  const control = command.dataset.press && $(command.dataset.press);
  if (command.dataset.press) return Boolean(control && !control.closest("[hidden]:not(#take)"));
  return Boolean(command.dataset.url || does[command.dataset.command]);
}

export function run(command) {
  const { command: name, press: selector, url } = command.dataset;
  if (does[name]) return does[name]();
  if (url) return location.assign(url);
  press($(selector));
}

function onKey(event) {
  if (event.isComposing || event.keyCode === 229) return;  // an input method is at work
  const withControl = event.ctrlKey || event.metaKey;
  if (withControl && !event.shiftKey && event.key.toLowerCase() === "k") return take(event, togglePalette);
  if (event.key === "Escape") return onEscape(event);
  if (withControl || event.altKey || isWriting(event.target)) return;
  if (document.body.dataset.singleKeys === "off" || $("dialog[open]")) return;
  const keys = Date.now() - begunAt < SEQUENCE ? `${begun} ${event.key}` : name(event);
  begunAt = 0;
  const command = commands().find((one) => one.dataset.keys === keys);
  if (command && isOffered(command)) take(event, () => run(command));
  else if (commands().some((one) => one.dataset.keys.startsWith(keys + " "))) { begun = keys; begunAt = Date.now(); }
}

const name = (event) => (event.shiftKey && /^\p{Lu}$/u.test(event.key) ? `Shift+${event.key}` : event.key);

function press(control) {
  if (!control) return;
  if (control.tagName === "SUMMARY") {
    control.parentElement.open = !control.parentElement.open;
    control.focus();
  } else control.click();
}

function onEscape(event) {
  const menu = $("details.menu[open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); return; }
  if ($("dialog[open]")) return;
  if (isWriting(event.target)) { event.target.blur(); return; }
  document.documentElement.classList.remove("show-side");
  const row = $("#list .conv[aria-current]") || $("#list .conv");
  if (row?.checkVisibility()) row.focus();
  else $("#conv-head a[href]")?.click();  // on a phone the list is a page of its own
}

function togglePalette() {
  const palette = $("#palette");
  if (palette.open) palette.close(); else palette.showModal();
}

function take(event, what) {
  event.preventDefault();
  what();
}
