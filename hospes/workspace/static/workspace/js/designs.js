// A message as it was designed: its frame, what stands above it, and its pictures from elsewhere when somebody asks.
import { $, $$, post } from "./requests.js";

const AT_ONCE = 2;  // pictures of one message
const TRIES = 6;
const WAIT = 1500;

export function startDesigns() {
  document.addEventListener("toggle", (event) => { if (event.target.dataset?.frame) showDesign(event.target); }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-pictures]");
    if (button) showPictures(button);
  });
}

export function showDesign(details) {
  if (!details.open || $("iframe", details)) return;
  const frame = document.createElement("iframe");
  frame.className = "frame";
  frame.title = $("summary", details).textContent;
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  frame.src = `${details.dataset.frame}?${document.documentElement.lang}`;  // browsers keep it, with words of ours in it
  frame.addEventListener("load", () => {
    const inside = frame.contentDocument;
    if (!inside?.body) return;
    const fit = () => { frame.style.blockSize = `${Math.min(1600, inside.body.scrollHeight + 24)}px`; };
    fit();
    new ResizeObserver(fit).observe(inside.body);
    tell(details, inside);
    document.dispatchEvent(new CustomEvent("frame-ready", { detail: inside }));
  });
  details.append(frame);
}

const hidden = (inside) => $$("img[data-picture]:not([src])", inside);

/** Above the frame, where nothing of the mail can hide it: pictures that are not shown, links that lead elsewhere. */
function tell(details, inside) {
  for (const one of $$(".design-note", details)) one.remove();
  const notes = $("#design-notes").content.cloneNode(true);
  const places = new Set($$(".hospes-host bdi", inside).map((one) => one.textContent));
  const links = $("[data-links]", notes);
  if (places.size) links.append(links.dataset.links.replace("%(places)s", [...places].slice(0, 5).join(", ")));
  else links.parentElement.remove();
  if (!hidden(inside).length) $("[data-show-pictures]", notes).parentElement.remove();
  $("summary", details).after(notes);
}

async function showPictures(button) {
  const note = button.parentElement;
  const details = note.parentElement;
  const inside = $("iframe", details)?.contentDocument;
  if (!inside) return;
  button.disabled = true;
  const answer = await post(details.dataset.frame.replace(/frame\/$/, "pictures/"), {}).catch(() => null);
  const found = answer?.ok ? (await answer.json()).pictures : [];
  const waiting = found.map((address, number) => ({ address, number })).filter(({ number }) => placesOf(inside, number).length);
  const showNext = async () => {
    for (let one; details.isConnected && (one = waiting.shift()); ) if (await isThere(one.address)) for (const place of placesOf(inside, one.number)) place.src = one.address;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, showNext));
  if (!hidden(inside).length) return note.remove();
  button.disabled = false;
  $("span", note).textContent = note.dataset.failed;
}

const placesOf = (inside, number) => hidden(inside).filter((one) => Number(one.dataset.picture) === number);

/** Whether the desk has the picture; while it is busy with others, it is asked again. */
async function isThere(address) {
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok) return Boolean(await answer.blob());
    if (answer?.status !== 503) return false;
    await new Promise((resolve) => setTimeout(resolve, WAIT));
  }
  return false;
}
