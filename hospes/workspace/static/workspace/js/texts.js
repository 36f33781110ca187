// Texts we say again and again: found by "/" at the beginning of a line, put in where the caret stands.
import { chosen, choose, steps } from "./options.js";
import { $, $$, fragment, settled } from "./requests.js";

let asked = 0;
let bySlash = false;  // opened by typing "/": whoever leaves without a text wanted the sign itself

export function startTexts() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-texts]")) return isOpen() ? close() : open(false);
    const option = event.target.closest("#texts-list [role=option]");
    if (option) insert(option);
  });
  document.addEventListener("keydown", onKey);
  const ask = settled(120, search);
  document.addEventListener("input", (event) => { if (event.target.id === "texts-find") ask(); });
}

const button = () => $("[data-texts]");
const isOpen = () => Boolean($("#texts")) && !$("#texts").hidden;
const options = () => $$("#texts-list [role=option]:not([aria-disabled])");

function open(isTyped) {
  bySlash = isTyped;
  $("#texts").hidden = false;
  button().setAttribute("aria-expanded", "true");
  $("#composer").classList.add("is-written");
  const find = $("#texts-find");
  find.value = "";
  find.focus();
  search();
}

function close() {
  asked += 1;
  $("#texts").hidden = true;
  $("#texts-list").replaceChildren();
  button().setAttribute("aria-expanded", "false");
  $("#composer").classList.toggle("is-written", Boolean($("#body").value));
  $("#body").focus();
}

async function search() {
  const mine = ++asked;
  const found = await fragment(`${button().dataset.texts}?q=${encodeURIComponent($("#texts-find").value.trim())}`).catch(() => null);
  if (mine !== asked || !found || !isOpen()) return;
  $("#texts-list").replaceChildren(...$$("[role=option]", found));
  choose(options(), 0, $("#texts-find"));
}

function onKey(event) {
  if (event.isComposing) return;
  if (event.target.id === "body" && $("#composer").dataset.kind === "reply" && event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && atLineStart(event.target)) {
    event.preventDefault();
    return open(true);
  }
  if (event.target.id !== "texts-find") return;
  const all = options();
  if (steps(event, all, event.target)) return;
  if (event.key === "Enter") {
    event.preventDefault();
    const one = all[chosen(all)];
    if (one) insert(one);
  } else if (event.key === "Escape" || (event.key === "Backspace" && !event.target.value)) {
    event.preventDefault();
    event.stopPropagation();
    const words = event.key === "Escape" ? `/${event.target.value}` : "";
    close();
    if (bySlash && words) put(words);
  }
}

function atLineStart(body) {
  const before = body.value.slice(0, body.selectionStart);
  return body.selectionStart === body.selectionEnd && (!before || before.endsWith("\n"));
}

function insert(option) {
  if (option.getAttribute("aria-disabled") === "true") return;
  const said = option.dataset.body;
  close();
  const start = $("#body").selectionStart;
  put(said);
  // The first place that is left to fill in is chosen, to be typed over.
  const blank = /\{\s*(?:\?|[a-z_]+)[^{}\n]*\}/.exec(said);
  if (blank) $("#body").setSelectionRange(start + blank.index, start + blank.index + blank[0].length);
}

function put(words) {
  const body = $("#body");
  body.setRangeText(words, body.selectionStart, body.selectionEnd, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
}
