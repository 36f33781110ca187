// Files to send: chosen, dropped or pasted; kept with the draft as soon as they are here, and taken out again.
import { $, $$, post, upload } from "./requests.js";
import { problem, toast } from "./toasts.js";

const input = () => $("#files");
const list = () => $("#chosen-files");
const pending = [];
let uploads = new AbortController();

export function startFiles() {
  document.addEventListener("change", (event) => { if (event.target.id === "files") add([...pending.splice(0), ...input().files], true); });
  document.addEventListener("click", (event) => {
    // Choosing again adds to what was chosen; the browser would replace it.
    if (event.target.id === "files") pending.splice(0, pending.length, ...input().files);
    const button = event.target.closest("[data-remove-file]");
    if (button) remove(button.closest("li"));
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id === "body" && event.clipboardData?.files.length) { event.preventDefault(); add(event.clipboardData.files); }
  });
  for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => drag(event, true));
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drag(event, false); });
  document.addEventListener("drop", (event) => {
    if (!drag(event, false)) return;
    add(event.dataTransfer.files);
  });
}

/** Show that files may be dropped on the conversation; returns whether there are some and a place for them. */
function drag(event, isOver) {
  const form = $("#composer[data-kind=reply]");
  if (!form || !event.dataTransfer?.types.includes("Files") || !event.target.closest?.("#conversation")) return false;
  event.preventDefault();
  form.classList.toggle("is-dropping", isOver);
  return true;
}

function add(files, isWhole = false) {
  const before = new Set(chosen().map((one) => one.file));
  set([...(isWhole ? [] : input().files), ...files]);
  for (const file of input().files) if (!before.has(file)) keep(file);
}

/** The items of files that are in the form only. */
const chosen = () => $$("li:not([data-kept])", list());

/** Keep a file with the draft. What cannot be kept now stays in the form and goes with the reply. */
async function keep(file) {
  const form = $("#composer");
  const values = new FormData();
  values.append("files", file);
  const answer = await upload(form.dataset.files, values, uploads.signal).catch(() => null);
  if ($("#composer") !== form || !answer || answer.status >= 500) return;
  const place = chosen().find((one) => one.file === file);
  if (!answer.ok) toast(await problem(answer), { seconds: 8 });
  else {
    const { id } = await answer.json();
    if (!place) return void drop(id);  // taken out, or sent, meanwhile
    mark(place, id);
  }
  set([...input().files].filter((one) => one !== file));
}

function mark(place, id) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "kept", value: id });
  place.prepend(field);
  place.dataset.kept = id;
  place.file = null;
}

function remove(place) {
  const file = place.file;
  if (place.dataset.kept) drop(place.dataset.kept);
  place.remove();
  set([...input().files].filter((one) => one !== file));
  ($("button", list()) || $("#body")).focus();
}

const drop = (id) => post($("#composer").dataset.drop.replace("/0/", `/${id}/`), {}, { keepalive: true }).catch(() => {});

/** What is not kept by now goes with the form. */
export function settleFiles() {
  uploads.abort();
  uploads = new AbortController();
}

export function forgetFiles() {
  list().replaceChildren();
  set([]);
}

/** Files of a reply that was taken back. */
export function restoreFiles(files) {
  for (const one of files) {
    const place = item({ name: one.name, size: one.size_bytes, type: "" });
    mark(place, one.id);
    list().append(place);
  }
  set([...input().files]);
}

function set(files) {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  input().files = all.files;
  const shown = new Map(chosen().map((one) => [one.file, one]));
  list().replaceChildren(...$$("li[data-kept]", list()), ...[...input().files].map((file) => shown.get(file) || item(file)));
  $("#composer").classList.toggle("has-files", list().children.length > 0);
}

function item(file) {
  const element = $("#chosen-file").content.firstElementChild.cloneNode(true);
  element.file = file;
  $("bdi", element).textContent = file.name;
  $(".thumb-name span", element).textContent = size(file.size);
  const button = $("button", element);
  button.setAttribute("aria-label", `${button.getAttribute("aria-label")}: ${file.name}`);
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) draw(file, element).catch(() => {});  // not one after all
  return element;
}

async function draw(file, element) {
  const picture = await createImageBitmap(file, { resizeWidth: 96, resizeQuality: "medium" });
  const canvas = $("canvas", element);
  canvas.height = Math.min(96, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  canvas.hidden = false;
  $("svg", element).remove();
}

function size(bytes) {
  const [value, unit] = bytes < 1e3 ? [bytes, "byte"] : bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  const unitDisplay = unit === "byte" ? "long" : "short";
  return new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 }).format(value);
}
