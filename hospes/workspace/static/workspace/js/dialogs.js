// Native dialogs and menus: opened by data-open, closed by Esc, by a click beside them, or when done.
import { $, $$ } from "./requests.js";

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    const wanted = opener && $("#" + opener.dataset.open);
    if (wanted && !wanted.open) wanted.showModal();
    if (event.target instanceof HTMLDialogElement) event.target.close();
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const toggler = event.target.closest("[data-toggle]");
    if (toggler) togglePane(toggler.dataset.toggle);
    if (event.target.closest("[data-theme-switch]")) switchTheme();
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
  });
  document.addEventListener("toggle", (event) => { if (event.target.matches?.("details.menu[open]")) $("input", event.target)?.focus(); }, true);
  document.addEventListener("input", (event) => { if (event.target.dataset?.filter !== undefined) filter(event.target); });
  document.body.addEventListener("done", () => {
    $("#snooze")?.close();
    for (const menu of $$("details.menu[open]")) menu.open = false;
  });
}

/** Hide or show a pane; this device remembers, and the server draws it so from the start. */
export function togglePane(name) {
  const root = document.documentElement;
  const isNarrow = matchMedia("(max-width: 76rem)").matches;
  if (name === "show-side" && !isNarrow) name = "hide-side";
  else if (name === "hide-side" && isNarrow) name = "show-side";
  root.classList.toggle(name);
  if (name === "show-side") return;
  const hidden = ["hide-list", "hide-side"].filter((one) => root.classList.contains(one)).join(".");
  document.cookie = `panes=${hidden}; path=/; max-age=31536000; samesite=lax`;
}

/** Show those choices of a menu that hold what is typed. */
function filter(input) {
  const wanted = input.value.trim().toLocaleLowerCase();
  for (const one of $$("[data-choice]", input.closest(".menu-box"))) one.hidden = !one.textContent.toLocaleLowerCase().includes(wanted);
}

/** Copy what a field holds; where the browser forbids it, it is selected to be copied by hand. */
async function copy(button) {
  const field = $(button.dataset.copy);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { return; }
  button.textContent = button.dataset.copied;
}

/** Light or dark for this page; what an agent chose in the settings holds everywhere else. */
function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}
