// The list: moving in it, and keeping it true without moving anything under the cursor.
import { $, $$, fragment, settled } from "./requests.js";

const changed = new Set();
const waiting = new Map();  // rows that are new, until somebody asks for them

export const isWriting = (element) => Boolean(element.closest?.("input, textarea, select, [contenteditable=true]"));

const rows = () => $$("#list .conv");

function here() {
  const all = rows();
  const focused = all.indexOf(document.activeElement);
  return focused >= 0 ? focused : all.findIndex((one) => one.hasAttribute("aria-current"));
}

export function moveRow(by) {
  const all = rows();
  all[Math.max(0, Math.min(all.length - 1, here() + by))]?.focus();
}

export function openRow(by) {
  const all = rows();
  const current = all.findIndex((one) => one.hasAttribute("aria-current"));
  const next = all[Math.max(0, Math.min(all.length - 1, current + by))];
  if (next && all.indexOf(next) !== current) { next.focus(); next.click(); }
}

export function startList() {
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.detail.elt.closest?.(".conv");
    if (row) mark(row);
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "conversation") showCurrent();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "list-pane") return;
    waiting.clear();
    showCounts(Object.fromEntries($$("#list-pane [data-count]").map((one) => [one.dataset.count, one.textContent])));
    $("#list .conv[aria-current]")?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-show-new]")) showNew(); });
  const refresh = settled(250, fetchChanged);
  document.body.addEventListener("live:list", (event) => { changed.add(event.detail.conversation_id); refresh(); });
  document.body.addEventListener("live:counts", settled(1000, fetchCounts));
  document.body.addEventListener("live:resync", () => { reload(); fetchCounts(); });
  document.body.addEventListener("live", (event) => {
    if (event.detail.topic.startsWith("presence.")) showPresence(event.detail.data);
  });
}

function mark(row) {
  for (const one of $$("#list .conv[aria-current]")) one.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.classList.remove("unread");
  $("#work")?.classList.add("has-conversation");
}

/** A conversation opened from elsewhere: its row is marked, or a list is shown that it stands in. */
function showCurrent() {
  const row = $$("#list .conv").find((one) => one.getAttribute("href") === `/c/${current()}/`);
  if (row) return row.hasAttribute("aria-current") || (mark(row), row.scrollIntoView({ block: "nearest" }));
  for (const one of $$("#list .conv[aria-current]")) one.removeAttribute("aria-current");
  const views = $("#conversation").dataset.views?.split(" ") || [];
  if (views.length && !views.includes(view())) htmx.ajax("GET", `/inbox/${views[0]}/?current=${current()}`, { target: "#list-pane", swap: "outerHTML" });
}

const view = () => $("#list-pane")?.dataset.view;
const current = () => $("#conversation")?.dataset.reference || "";
const opened = () => $("#conversation")?.dataset.conversation || "";

async function fetchChanged() {
  const ids = [...changed].slice(0, 60);
  changed.clear();
  if (!view() || !$("#list")) return;
  const found = await fragment(`/inbox/${view()}/rows/?ids=${ids.join(",")}&current=${current()}&opened=${opened()}`).catch(() => null);
  if (!found) return;
  for (const id of ids) take(id, $(`#row-${id}`, found));
  showCount();
}

function take(id, now) {
  const before = $(`#list #row-${id}`);
  if (now && before) replace(before, now);
  else if (now?.hasAttribute("data-left")) waiting.delete(id);
  else if (before) leave(before);
  else if (now) arrive(id, now);
  else waiting.delete(id);
}

function replace(before, now) {
  const hadFocus = before.contains(document.activeElement);
  before.replaceWith(now);
  htmx.process(now);
  if (hadFocus) $(".conv", now).focus();
}

/** What left the view stays where it is while somebody has it open or in focus, but paler; the server tells how it stands now. */
function leave(item) {
  const row = $(".conv", item);
  if (row.hasAttribute("aria-current") || item.contains(document.activeElement)) row.classList.add("leaving");
  else item.remove();
}

function arrive(id, item) {
  $("#list-empty")?.remove();
  const isAtTop = $("#list").scrollTop < 8 && !$("#list").contains(document.activeElement);
  if (isAtTop || rows().length === 0) insert(item);
  else waiting.set(id, item);
}

function insert(item) {
  const descending = view() === "closed";
  const after = $$("#list .conv-item").find((one) => (descending ? one.dataset.sort < item.dataset.sort : one.dataset.sort > item.dataset.sort));
  if (after) after.before(item);
  else if ($("#list .list-more")) return;  // it stands on a page further down
  else $("#list").append(item);
  htmx.process(item);
}

function showNew() {
  for (const item of waiting.values()) insert(item);
  waiting.clear();
  showCount();
  $("#list").scrollTo({ top: 0 });
}

function showCount() {
  const holder = $("#list-pane .list-new");
  if (!holder) return;
  holder.hidden = waiting.size === 0;
  const button = $("button", holder);
  button.textContent = button.dataset.template.replace("%(count)s", waiting.size);
}

async function fetchCounts() {
  const answer = await fetch("/inbox/counts/", { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok && !answer.redirected) showCounts(await answer.json());
}

function showCounts(counts) {
  for (const [name, count] of Object.entries(counts)) {
    for (const element of $$(`[data-count="${name}"]`)) {
      element.textContent = count;
      if (element.classList.contains("count")) element.hidden = Number(count) === 0;
    }
  }
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (Number(counts.mine)) document.title = `(${counts.mine}) ${document.title}`;
}

function reload() {
  if (view()) htmx.ajax("GET", `/inbox/${view()}/?current=${current()}`, { target: "#list-pane", swap: "outerHTML" });
}

function showPresence({ conversation_id: id, agent_id: agent, name, state }) {
  const holder = $(`#row-${id} .conv-meta .push`);
  if (!holder || String(agent) === document.body.dataset.agent) return;
  $(`[data-present="${agent}"]`, holder)?.remove();
  if (state === "gone" || state === "away") return;
  const chip = document.createElement("span");
  chip.className = "chip chip-warn";
  chip.dataset.present = agent;
  chip.title = name;
  const words = document.createElement("bdi");
  words.className = "ell";
  words.textContent = name;
  chip.append($(`#icon-${state === "writing" ? "writing" : "looking"}`).content.cloneNode(true), words);
  holder.prepend(chip);
}
