// The palette: everything by one key. Arrow keys choose, Enter goes; what was said comes from the server.
import { $, $$, fragment, settled } from "./requests.js";
import { commands, isOffered, run } from "./keys.js";
import { chosen, choose, steps } from "./options.js";

const RECENT = "recent";
const KEPT = 6;
let asked = 0;

export function startPalette() {
  const dialog = $("#palette");
  const input = $("#palette-input");
  new MutationObserver(() => { if (dialog.open) { input.value = ""; show([]); input.focus(); } }).observe(dialog, { attributeFilter: ["open"] });
  const ask = settled(120, search);
  input.addEventListener("input", () => { show(null, input.value.trim()); ask(); });
  input.addEventListener("keydown", onKey);
  $("#palette-list").addEventListener("click", (event) => go(event.target.closest("[role=option]")));
  remember();
  document.body.addEventListener("htmx:afterSettle", remember);
}

/** What was opened last, in this tab only: nothing of a customer stays in the browser. */
function remember() {
  const pane = $("#conversation[data-reference]");
  if (!pane) return;
  const mine = { url: `/c/${pane.dataset.reference}/`, text: `${pane.dataset.customer} · ${pane.dataset.title}` };
  const kept = [mine, ...recent().filter((one) => one.url !== mine.url)].slice(0, KEPT);
  sessionStorage.setItem(RECENT, JSON.stringify(kept));
}

function recent() {
  try { return JSON.parse(sessionStorage.getItem(RECENT)) || []; } catch { return []; }
}

async function search() {
  const text = $("#palette-input").value.trim();
  const mine = ++asked;
  if (!text) return show([]);
  const found = await fragment(`/palette/?q=${encodeURIComponent(text)}`).catch(() => null);
  if (mine === asked) show(found ? $$("[role=option]", found) : [], text);
}

/** found: null keeps what the server found for the text before, until it answers. */
function show(found, text = "") {
  const list = $("#palette-list");
  const before = found === null && text ? $$("[data-group=found] [role=option]", list) : [];
  const fitting = commands().filter((one) => !("keyOnly" in one.dataset) && isOffered(one) && fits(one, text)).map((one) => one.cloneNode(true));
  fitting.sort((a, b) => rank(a, text) - rank(b, text));
  const groups = [
    ["recent", list.dataset.recent, text ? [] : recent().slice(1).map(asOption)],
    ["commands", list.dataset.commands, fitting],
    ["found", list.dataset.found, found || before],
  ];
  list.replaceChildren(...groups.filter(([, , options]) => options.length).map(group));
  const all = options();
  all.forEach((one, at) => { one.id = `option-${at}`; });
  choose(all, all.findIndex((one) => one.getAttribute("aria-disabled") !== "true"), $("#palette-input"));
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const label = (one) => plain($("span", one).textContent);

function fits(one, text) {
  const known = `${label(one)} ${plain(one.dataset.words)}`;
  return plain(text).split(/\s+/).every((word) => known.includes(word));
}

function rank(one, text) {
  if (!text) return 0;
  const words = label(one);
  return words.startsWith(plain(text)) ? 0 : words.includes(plain(text)) ? 1 : 2;
}

function group([name, title, options]) {
  const item = document.createElement("div");
  item.setAttribute("role", "group");
  item.setAttribute("aria-label", title);
  item.dataset.group = name;
  const heading = document.createElement("p");
  heading.className = "palette-h";
  heading.setAttribute("aria-hidden", "true");
  heading.textContent = title;
  const inner = document.createElement("ul");
  inner.setAttribute("role", "none");
  inner.append(...options);
  item.append(heading, inner);
  return item;
}

function asOption({ url, text }) {
  const option = document.createElement("li");
  option.setAttribute("role", "option");
  option.dataset.url = url;
  const words = document.createElement("bdi");
  words.className = "ell";
  words.textContent = text;
  option.append($("#palette-recent").content.cloneNode(true), words);
  return option;
}

const options = () => $$("#palette-list [role=option]");

function onKey(event) {
  if (event.isComposing) return;
  const all = options();
  if (steps(event, all, event.target)) return;
  if (event.key === "Enter") {
    event.preventDefault();
    go(all[chosen(all)]);
  } else if (event.key === "Escape") {  // a search field would only empty itself
    event.preventDefault();
    $("#palette").close();
  }
}

function go(option) {
  if (!option || option.getAttribute("aria-disabled") === "true") return;
  $("#palette").close();
  if (option.dataset.command) run(option);
  else location.assign(option.dataset.url);
}
