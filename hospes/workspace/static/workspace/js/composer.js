// The composer: drafts kept as they are typed, reply and note, send with keys, nothing lost when it fails.
import { beat, tellWriting } from "./conversation.js";
import { forgetFiles, restoreFiles, settleFiles } from "./files.js";
import { forgetPeople, restorePeople } from "./people.js";
import { $, $$, fragment, post, settled } from "./requests.js";

let saving = Promise.resolve();
const form = () => $("#composer");
const note = () => $("#note-draft");
const kept = { reply: "", note: "" };
const typed = new Map();  // what was typed last on this page, by the address where it is saved

export function startComposer() {
  if (form()) begin();
  document.addEventListener("input", (event) => {
    if (event.target.id === "body") written();
    if (event.target.matches("#composer #to, #composer #cc")) save();
  });
  document.addEventListener("keydown", onKey);
  for (const name of ["beforeunload", "pagehide"]) addEventListener(name, () => saveNow(true));
  document.body.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target?.id === "conversation") saveNow(true); });
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "conversation" && form()) begin(); });
  document.addEventListener("click", onClick);
  // The composer grows when something in it is focused: pressed, what stands above would move away under the pointer.
  document.addEventListener("mousedown", (event) => { if (event.target.closest("#composer .composer-bar")) event.preventDefault(); });
  document.body.addEventListener("htmx:configRequest", (event) => { if (event.detail.elt === form()) beforeSend(event); });
  document.body.addEventListener("htmx:responseError", (event) => { if (event.detail.elt === form()) refused(event.detail.xhr); });
  document.body.addEventListener("htmx:sendError", (event) => { if (event.detail.elt === form()) say(form().dataset.offline || $(".offline").textContent); });
  document.body.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt === form()) { busy(false); if (event.detail.successful) sent(); } });
  document.body.addEventListener("unsent", (event) => { if (form()?.dataset.reference === event.detail.reference) restore(event.detail); });
}

const kind = () => form().dataset.kind;
const version = () => (kind() === "note" ? note().dataset : form().elements.version);

function nextVersion() {
  if (kind() === "note") return String((note().dataset.version = Number(note().dataset.version) + 1));
  form().elements.version.value = Number(form().elements.version.value) + 1;
  return form().elements.version.value;
}

let waiting = null;  // what was typed and is not on its way yet

/** Save what stands there now, in a moment: what stands there then may be another conversation's. */
function save() {
  const here = form();
  const of = kind();
  const { to, cc } = here.elements;
  const people = of === "reply" && here.dataset.touched ? { to: to.value, cc: cc.value } : {};
  const url = placeOf(of);
  waiting = { here, url, values: { text: $("#body").value, version: nextVersion(), ...people } };
  typed.set(url, waiting.values);
  saveSoon();
}

const placeOf = (of) => form().dataset.draft.replace(/reply\/$/, `${of}/`);

/** A draft goes on where it ends. */
function begin() {
  typedBefore();
  const body = $("#body");
  body.setSelectionRange(body.value.length, body.value.length);
}

/** Somebody came back sooner than what was typed here had been saved: it stands here again, and is saved again. */
function typedBefore() {
  const reply = typed.get(placeOf("reply"));
  const noted = typed.get(placeOf("note"));
  if (noted && Number(noted.version) > Number(note().dataset.version)) Object.assign(note(), { value: noted.text }).dataset.version = noted.version;
  if (!reply || Number(reply.version) <= Number(form().elements.version.value)) return;
  $("#body").value = reply.text;
  form().elements.version.value = reply.version;
  form().classList.toggle("is-written", Boolean(reply.text));
  if ("to" in reply) restorePeople(reply.to, reply.cc);
  save();
}

const saveSoon = settled(500, () => saveNow());

/** isLeaving: nobody waits for an answer any more, and what was sent before may take its time. */
function saveNow(isLeaving = false) {
  if (!waiting) return;
  const { here, url, values } = waiting;
  waiting = null;
  if (isLeaving) return void post(url, values, { keepalive: values.text.length < 15000 }).catch(() => {});
  // One after the other: a save that is late must not stand over a newer one.
  saving = saving.then(() => post(url, values))
    .then((answer) => { if (form() === here) saved(answer.ok); })
    .catch(() => { if (form() === here) { waiting ||= { here, url, values }; saved(false); } });
}

function saved(isKept) {
  const place = $("#draft-state");
  const words = $("#body").value ? place.dataset.saved : "";  // sent or emptied: there is no draft
  place.textContent = isKept ? words : place.dataset.failed;
  if (!isKept) setTimeout(saveNow, 3000);
}

function written() {
  const text = $("#body").value;
  form().classList.toggle("is-written", Boolean(text));
  kept[kind()] = text;
  if (text) tellWriting(); else beat();
  save();
}

function onKey(event) {
  if (event.isComposing || !event.target.matches("#body, #composer #to, #composer #cc")) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    // Pressed, not submitted: htmx tells the two buttons apart by the click.
    (event.shiftKey && kind() === "reply" ? $("#send-close") : $("#send")).click();
  } else if (event.key === "Enter" && event.target.id !== "body") {
    event.preventDefault();  // a browser would send the letter
    $("#body").focus();
  }
}

function onClick(event) {
  const tab = event.target.closest("#composer [role=tab]");
  if (tab) return choose(tab.dataset.kind);
  if (event.target.closest("[data-send-anyway]")) { form().elements.last_seen.value = $("#conv-head").dataset.last; hush(); $("#send").click(); }
}

function choose(wanted) {
  const body = $("#body");
  saveNow();
  if (wanted !== kind()) {
    if (kind() === "reply") kept.reply = body.value; else { kept.note = body.value; note().value = body.value; }
    form().dataset.kind = wanted;
    body.value = wanted === "note" ? note().value : kept.reply;
    body.placeholder = wanted === "note" ? body.dataset.notePlaceholder : body.dataset.replyPlaceholder;
    const send = $("#send");
    $("span", send).textContent = wanted === "note" ? send.dataset.note : send.dataset.reply;
    $("#send-close").hidden = wanted === "note";
    if ($("#send-later")) $("#send-later").hidden = wanted === "note";
    for (const tab of $$("#composer [role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.kind === wanted));
    form().classList.toggle("is-written", Boolean(body.value));
  }
  body.focus();
}

function beforeSend(event) {
  busy(true);
  hush();
  if (kind() === "note") {
    event.detail.path = event.detail.path.replace(/reply\/$/, "note/");
    event.detail.parameters.version = nextVersion();
  } else {
    event.detail.parameters.version = nextVersion();
    settleFiles();
    // Of what is being written here: sent again after a lost answer, it is still one reply.
    event.detail.parameters.send_id = form().dataset.sendId ||= newId();
  }
}

function busy(is) {
  for (const button of $$("#send, #send-close, #send-later")) button.disabled = is;
}

/** 128 random bits. (randomUUID is kept from pages that came over plain HTTP.) */
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

/** Said: the composer is empty, and what was saved a moment ago cannot come back. */
function sent() {
  if (!form()) return;
  const body = $("#body");
  body.value = "";
  delete form().dataset.sendId;
  waiting = null;
  typed.delete(placeOf(kind()));
  kept[kind()] = "";
  if (kind() === "note") note().value = "";
  form().classList.remove("is-written");
  $("#draft-state").textContent = "";
  if (kind() === "note") choose("reply");
  else {
    forgetFiles();
    forgetPeople();
  }
  body.blur();
  beat();
}

function refused(xhr) {
  busy(false);
  let problem = {};
  try { problem = JSON.parse(xhr.responseText); } catch { /* not ours: a server that is away */ }
  say(problem.detail || $(".offline").textContent, problem.code === "overtaken");
  if (problem.code === "overtaken") showNews();
}

/** Show what others said meanwhile right above the draft, which stays as it is. */
async function showNews() {
  const here = form();
  const found = await fragment(`${$("#conversation").dataset.entries}?after=${here.elements.last_seen.value}`).catch(() => null);
  if (form() === here && found) {
    const news = $(".composer-news", here);
    news.replaceChildren(...$$("[data-new] > article[data-message]", found));
    for (const one of news.children) one.removeAttribute("id");
    news.hidden = news.children.length === 0;
  }
  document.body.dispatchEvent(new CustomEvent("live:conversation"));
}

function say(text, isOvertaken = false) {
  const notice = $("#composer .notice");
  $(".grow > span", notice).textContent = text;
  $(".composer-news", notice).hidden = true;
  $("[data-send-anyway]", notice).hidden = !isOvertaken;
  notice.hidden = false;
}

function hush() { $("#composer .notice").hidden = true; }

function restore({ text, version: number, to, cc, files }) {
  if (kind() !== "reply") choose("reply");
  const body = $("#body");
  body.value = text;
  kept.reply = text;
  form().elements.version.value = number;
  form().classList.add("is-written");
  restorePeople(to, cc);
  restoreFiles(files);
  body.focus();
}
