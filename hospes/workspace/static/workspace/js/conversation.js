// The open conversation: new entries arrive, states change, colleagues come and go.
import { showDesign } from "./designs.js";
import { showPeople } from "./people.js";
import { $, $$, fragment, post, settled } from "./requests.js";

const BEAT = 25000;
const FADES = 60000;
let changedMessage = 0;
let state = "";

const pane = () => $("#conversation[data-reference]");

export function startConversation() {
  opened();
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id === "conversation" || event.detail.target?.id === "conversation") opened(true);
  });
  const refresh = settled(120, fetchChanges);
  document.body.addEventListener("live", (event) => {
    const { topic, data } = event.detail;
    const id = pane()?.dataset.conversation;
    if (!id) return;
    if (topic === `presence.${id}`) return showPresence(data);
    if (topic !== `conversation.${id}` && topic !== `conversation.${id}.meta`) return;
    if (data.kind === "ReplyUnsent") withdraw(data.message_id);
    if (data.kind === "DeliveryChanged" || data.kind === "FileChecked") changedMessage = data.message_id;
    refresh();
  });
  document.body.addEventListener("live:resync", refresh);
  document.body.addEventListener("live:conversation", refresh);
  document.body.addEventListener("done", refresh);
  document.body.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt?.closest?.("#conv-head")) refresh(); });
  document.body.addEventListener("unsent", (event) => { withdraw(event.detail.message_id); refresh(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-show-end]")) toEnd(); });
  setInterval(() => beat(), BEAT);
  document.addEventListener("visibilitychange", () => beat());
  addEventListener("pagehide", () => leave(pane()));
  document.body.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target?.id === "conversation") leave(pane()); });
}

function opened(bySwap = false) {
  if (!pane()) return;
  for (const one of $$("details[data-frame][open]", pane())) showDesign(one);
  $("#work")?.classList.add("has-conversation");
  toEnd();
  showPeople();
  state = "";
  beat();
  if (bySwap) {
    const title = document.title.replace(/^(\(\d+\) )?.* · /, "$1" + pane().dataset.title + " · ");
    document.title = title;
    $("#conversation-title")?.focus({ preventScroll: true });
  }
}

/** A reply was taken back: it goes, with the line of a day on which nothing else was said, and the warning of it. */
function withdraw(id) {
  const reply = $(`#m-${id}`);
  // That the writer took it came with the reply, and goes with it.
  const moment = $("time", reply || document.createElement("p"))?.dateTime;
  for (const line of $$("#timeline > .event")) if (moment && $("time", line)?.dateTime === moment) line.remove();
  const day = reply?.previousElementSibling;
  if (reply?.matches(":last-child")) $("#timeline-new").hidden = true;
  reply?.remove();
  if (day?.matches(".day:last-child")) day.remove();
  const news = $(`.composer-news [data-message="${id}"]`);
  const place = news?.parentElement;
  news?.remove();
  if (place && !place.children.length) place.closest(".notice").hidden = true;
}

function toEnd() {
  const scroll = $("#timeline-scroll");
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
  const pill = $("#timeline-new");
  if (pill) pill.hidden = true;
}

const isAtEnd = () => { const s = $("#timeline-scroll"); return s.scrollHeight - s.scrollTop - s.clientHeight < 80; };

async function fetchChanges() {
  const here = pane();
  if (!here) return;
  const last = Math.max(0, ...$$("#timeline [data-message]").map((one) => Number(one.dataset.message)));
  const changed = changedMessage;
  changedMessage = 0;
  const found = await fragment(`${here.dataset.entries}?after=${last}&changed=${changed}`).catch(() => null);
  if (!found || pane() !== here) return;
  const wasAtEnd = isAtEnd();
  takeHead(found);
  takePeople($("#conv-head", found));
  $("#strip").replaceWith($("#strip", found));
  const added = takeEntries(found);
  // What arrives while nothing is being written has been seen: a reply begun afterwards overtakes nobody.
  if (added && wasAtEnd && !document.hidden && !$("#body").value.trim()) $("#composer").elements.last_seen.value = $("#conv-head").dataset.last;
  if (added && wasAtEnd) toEnd();
  else if (added) $("#timeline-new").hidden = false;
}

function takeHead(found) {
  const now = $("#conv-head", found);
  const before = $("#conv-head");
  // A control whose request is under way hears its answer only while it stands here; the answer fetches again.
  if (!now || !before || $("details[open], .htmx-request", before)) return;
  const focused = document.activeElement?.id;
  before.replaceWith(now);
  htmx.process(now);
  if (focused) document.getElementById(focused)?.focus();
}

/** Whom a reply goes to may have changed with what was said; what somebody typed stays. */
function takePeople(head) {
  const form = $("#composer");
  if (!head || !form || form.dataset.touched) return;
  form.elements.to.value = head.dataset.to;
  form.elements.cc.value = head.dataset.cc;
  showPeople();
}

/** New entries at the end, known ones in place; returns whether anything was added. */
function takeEntries(found) {
  let added = false;
  for (const one of $$("[data-changed] > article", found)) takeChanged($("#" + one.id), one);
  for (const one of [...($("[data-new]", found)?.children || [])]) {
    const known = one.id && $("#timeline #" + CSS.escape(one.id));
    if (known && one.classList.contains("day")) continue;
    if (known) { if (known.outerHTML !== one.outerHTML && !$("details[open]", known)) { known.replaceWith(one); htmx.process(one); } continue; }
    if (one.classList.contains("day") && !one.nextElementSibling) continue;
    $("#timeline").append(one);
    htmx.process(one);
    added = true;
  }
  return added;
}

/** What somebody has opened in a message that came in stays open: then its files alone are taken. */
function takeChanged(known, one) {
  const part = known?.matches(":not(.mine):has(details[open])") ? ".files" : "";
  const [before, now] = part ? [$(part, known), $(part, one)] : [known, one];
  if (!before || !now) return;
  before.replaceWith(now);
  htmx.process(now);
}

// Presence ------------------------------------------------------------------------------------

export function beat(wanted) {
  const here = pane();
  if (!here) return;
  const writing = document.activeElement?.id === "body" && $("#body")?.value.trim();
  const now = wanted || (document.hidden ? "away" : writing ? "writing" : "viewing");
  state = now;
  post($("#composer").dataset.presence, { state: now }).catch(() => {});
}

export const tellWriting = () => { if (state !== "writing") beat("writing"); };

function leave(here) {
  const url = here && $("#composer", here)?.dataset.presence;
  if (url) post(url, { state: "gone" }, { keepalive: true }).catch(() => {});
}

const timers = new Map();

function showPresence({ agent_id: agent, name, state: what }) {
  const holder = $("#present");
  if (!holder || String(agent) === document.body.dataset.agent) return;
  $(`[data-present="${agent}"]`, holder)?.remove();
  clearTimeout(timers.get(agent));
  if (what === "gone") return;
  const words = what === "writing" ? holder.dataset.writing : holder.dataset.looking;
  const chip = document.createElement("span");
  chip.className = "chip chip-warn";
  chip.dataset.present = agent;
  chip.append($(`#icon-${what === "writing" ? "writing" : "looking"}`).content.cloneNode(true), words.replace("%(name)s", name));
  holder.append(chip);
  timers.set(agent, setTimeout(() => chip.remove(), FADES));
}
