// Requests beside htmx's own, with the token that proves they come from our page.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

/** GET a fragment as an element whose children are the answer; null when it is not to be had. */
export async function fragment(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (answer.redirected || !answer.ok) return null;
  const holder = document.createElement("div");
  holder.innerHTML = await answer.text();
  return holder;
}

/** POST values; resolves to the Response, rejects when the network fails. */
export function post(url, values, options = {}) {
  return fetch(url, {
    method: "POST",
    body: new URLSearchParams(values),
    headers: { "X-CSRFToken": token(), "HX-Request": "true" },
    credentials: "same-origin",
    ...options,
  });
}

/** POST a form with files. */
export function upload(url, values, signal) {
  return fetch(url, { method: "POST", body: values, headers: { "X-CSRFToken": token(), "HX-Request": "true" }, credentials: "same-origin", signal });
}

/** Make the events happen that an answer carries, as htmx would. */
export function spread(answer) {
  const carried = answer.headers.get("HX-Trigger");
  if (!carried) return;
  for (const [name, detail] of Object.entries(JSON.parse(carried))) {
    document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

/** Run after things have been quiet for a while; at the latest after four times as long. */
export function settled(wait, run) {
  let timer = 0;
  let first = 0;
  return () => {
    const now = Date.now();
    first ||= now;
    clearTimeout(timer);
    timer = setTimeout(() => { first = 0; run(); }, Math.min(wait, Math.max(0, first + 4 * wait - now)));
  };
}
