// Native dialogs and menus: opened by data-open, closed by Esc, by a click beside them, or when done.
import { $, $$ } from "./requests.js";

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) $("#" + opener.dataset.open)?.showModal();
    if (event.target instanceof HTMLDialogElement) event.target.close();
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const toggler = event.target.closest("[data-toggle]");
    if (toggler) document.documentElement.classList.toggle(toggler.dataset.toggle);
    if (event.target.closest("[data-theme-switch]")) switchTheme();
  });
  document.body.addEventListener("done", () => {
    $("#snooze")?.close();
    for (const menu of $$("details.menu[open]")) menu.open = false;
  });
}

/** Light or dark for this device; what an agent chose in the settings holds everywhere else. */
function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}
