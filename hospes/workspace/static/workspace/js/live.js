// One stream of hints for each browser, shared by its tabs: HTTP/1.1 allows six connections to a host.
// A hint says what changed, never what it says; each tab fetches what its reader may see.
import { $ } from "./requests.js";

const seen = new Set();
let last = Number(document.body.dataset.liveAfter) || 0; // the newest hint when this page was made
let bus;

/** Say that the connection is lost five seconds after it was; each try in vain says so again, and must not begin them anew. */
function show(state) {
  if (state === show.wanted) return;
  show.wanted = state;
  clearTimeout(show.timer);
  show.timer = setTimeout(() => { document.documentElement.dataset.live = state; }, state === "off" ? 5000 : 0);
}

/** Make a hint happen in this tab: live:<topic> for who waits for that one, live for everybody. */
function deliver(hint) {
  if (hint.id) {
    if (seen.has(hint.id)) return;
    seen.add(hint.id);
    last = Math.max(last, hint.id);
    if (seen.size > 1000) seen.delete(seen.values().next().value);
  }
  const options = (detail) => ({ detail, bubbles: true });
  document.body.dispatchEvent(new CustomEvent("live:" + hint.topic, options(hint.data || {})));
  document.body.dispatchEvent(new CustomEvent("live", options({ topic: hint.topic, data: hint.data || {} })));
}

function share(hint) {
  deliver(hint);
  bus.postMessage({ hint });
}

function tell(state) {
  show(state);
  bus.postMessage({ state });
}

function connect(wait = 1000) {
  const source = new EventSource("/events" + (last ? `?after=${last}` : ""));
  source.addEventListener("open", () => { wait = 1000; tell("on"); });
  source.addEventListener("hello", (event) => { last = Math.max(last, Number(event.lastEventId) || 0); tell("on"); });
  source.addEventListener("hint", (event) => share(JSON.parse(event.data)));
  source.addEventListener("resync", (event) => { last = Math.max(last, Number(event.lastEventId) || 0); share({ topic: "resync", data: {} }); });
  source.addEventListener("bye", () => { source.close(); setTimeout(connect, 1000 + Math.random() * 2000); });
  source.addEventListener("error", () => {
    tell("off");
    if (source.readyState !== EventSource.CLOSED) return;
    leaveWhenSignedOut();
    setTimeout(() => connect(Math.min(wait * 2, 30000)), wait * (0.5 + Math.random()));
  });
}

/** Whose seat or session ended is led to the sign-in page, unless something is written that would be lost. */
async function leaveWhenSignedOut() {
  const answer = await fetch("/inbox/counts/", { redirect: "manual", credentials: "same-origin" }).catch(() => null);
  if (answer?.type === "opaqueredirect" && !$("#body")?.value) location.reload();
}

export function startLive() {
  const name = "hospes-live-" + document.body.dataset.liveKey;
  bus = new BroadcastChannel(name);
  bus.addEventListener("message", ({ data }) => (data.hint ? deliver(data.hint) : show(data.state)));
  // The tab that holds the lock has the stream; when it closes, the next one takes over. Browsers give no
  // locks to pages that came over plain HTTP from another machine: there every tab has a stream of its own.
  if (navigator.locks) navigator.locks.request(name, () => new Promise(() => connect()));
  else connect();
  addEventListener("pageshow", (event) => { if (event.persisted) deliver({ topic: "resync" }); });
  document.body.addEventListener("live:notice", () => $("#list-pane") && document.body.dispatchEvent(new CustomEvent("live:counts")));
}
