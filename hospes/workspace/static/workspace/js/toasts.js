// Short words about what was done, with a way back while there is one.
import { $, $$, post, spread } from "./requests.js";

let lastUndo = null;

export function toast(text, { undo = "", values = {}, seconds = 6 } = {}) {
  for (const one of $$("#toasts .toast:not(.toast-bad)")) one.remove();  // the newest word counts, and its undo alone
  lastUndo = null;
  const element = $("#toast-template").content.firstElementChild.cloneNode(true);
  $("span", element).textContent = text;
  const button = $("button", element);
  const remove = () => { element.remove(); if (lastUndo === back) lastUndo = null; };
  const back = async () => {
    remove();
    const answer = await post(undo, values).catch(() => null);
    if (answer?.ok) spread(answer);
    else toast((await problem(answer)) || text);
  };
  if (undo) {
    button.hidden = false;
    button.addEventListener("click", back);
    lastUndo = back;
    countDown($("[data-countdown]", button), seconds);
  } else button.remove();
  $("#toasts").append(element);
  setTimeout(remove, seconds * 1000);
}

/** The seconds that are left, for eyes only: a reader of the screen would hear each of them. */
function countDown(place, seconds) {
  const until = Date.now() + seconds * 1000;
  const words = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit: "second", unitDisplay: "short" });
  const show = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    place.textContent = words.format(left);
    if (left && place.isConnected) setTimeout(show, 250);
  };
  show();
  setTimeout(show, 0);
}

export const undoLast = () => lastUndo?.();

/** The sentence in a refusal, "" when there is none. */
export async function problem(answer) {
  try { return (await answer.json()).detail || ""; } catch { return ""; }
}

export function startToasts() {
  document.body.addEventListener("done", (event) => {
    const { text, undo, undo_values: values, seconds } = event.detail;
    toast(text, { undo, values, seconds: undo ? seconds || 10 : 5 });
  });
  document.body.addEventListener("htmx:responseError", async (event) => {
    const { xhr, elt } = event.detail;
    if (elt.closest("#composer")) return;  // the composer shows its own
    let text = "";
    try { text = JSON.parse(xhr.responseText).detail; } catch { /* not ours */ }
    if (text) toast(text, { seconds: 8 });
  });
  for (const element of document.querySelectorAll("[data-fades]")) setTimeout(() => element.remove(), 6000);
}
