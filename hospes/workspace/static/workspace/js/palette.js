// The palette: everything by one key. Arrow keys choose, Enter goes; results come from the server.
import { $, $$, fragment, settled } from "./requests.js";

let asked = 0;

export function startPalette() {
  const dialog = $("#palette");
  const input = $("#palette-input");
  dialog.addEventListener("toggle", () => { if (dialog.open) { input.value = ""; show([]); } });
  new MutationObserver(() => { if (dialog.open) { input.value = ""; show([]); input.focus(); } }).observe(dialog, { attributeFilter: ["open"] });
  const ask = settled(120, search);
  input.addEventListener("input", ask);
  input.addEventListener("keydown", onKey);
  $("#palette-list").addEventListener("click", (event) => go(event.target.closest("[role=option]")));
}

async function search() {
  const text = $("#palette-input").value.trim();
  const mine = ++asked;
  if (!text) return show([]);
  const found = await fragment(`/palette/?q=${encodeURIComponent(text)}`).catch(() => null);
  if (mine === asked) show(found ? $$("[role=option]", found) : [], text);
}

function show(options, text = "") {
  const wanted = text.toLocaleLowerCase();
  const commands = $$("[role=option]", $("#palette-commands").content)
    .filter((one) => !wanted || one.textContent.toLocaleLowerCase().includes(wanted))
    .map((one) => one.cloneNode(true));
  const pressable = $$("[aria-keyshortcuts]:not([hidden])")
    .filter((one) => wanted && !one.closest("#palette, .topbar") && label(one).toLocaleLowerCase().includes(wanted))
    .map(asOption);
  const all = [...commands, ...pressable, ...options];
  all.forEach((one, at) => { one.id = `option-${at}`; });
  $("#palette-list").replaceChildren(...all);
  choose(all.findIndex((one) => one.getAttribute("aria-disabled") !== "true"));
}

const label = (button) => (button.getAttribute("aria-label") || button.textContent).trim();

function asOption(button) {
  const option = document.createElement("li");
  option.setAttribute("role", "option");
  const words = document.createElement("span");
  words.textContent = label(button);
  const keys = document.createElement("span");
  keys.className = "row-keys";
  const key = document.createElement("kbd");
  key.textContent = button.getAttribute("aria-keyshortcuts").toUpperCase();
  keys.append(key);
  option.append(words, keys);
  option.press = button;
  return option;
}

function choose(at) {
  const options = $$("#palette-list [role=option]");
  options.forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
  $("#palette-input").setAttribute("aria-activedescendant", options[at]?.id || "");
  options[at]?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (event.isComposing) return;
  const options = $$("#palette-list [role=option]");
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose((at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % Math.max(1, options.length));
  } else if (event.key === "Enter") {
    event.preventDefault();
    go(options[at]);
  }
}

function go(option) {
  if (!option || option.getAttribute("aria-disabled") === "true") return;
  $("#palette").close();
  if (option.press) return option.press.tagName === "SUMMARY" ? void (option.press.parentElement.open = true) : option.press.click();
  location.assign(option.dataset.url);
}
