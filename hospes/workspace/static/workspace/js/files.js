// Files to send: chosen, dropped or pasted; each can be looked at and taken out again.
import { $, $$ } from "./requests.js";

const input = () => $("#files");

export function startFiles() {
  document.addEventListener("change", (event) => { if (event.target.id === "files") add([...pending.splice(0), ...input().files], true); });
  document.addEventListener("click", (event) => {
    // Choosing again adds to what was chosen; the browser would replace it.
    if (event.target.id === "files") pending.splice(0, pending.length, ...input().files);
    const button = event.target.closest("[data-remove-file]");
    if (button) remove($$("#chosen-files > li").indexOf(button.closest("li")));
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

const pending = [];

/** Show that files may be dropped on the conversation; returns whether there are some and a place for them. */
function drag(event, isOver) {
  const form = $("#composer[data-kind=reply]");
  if (!form || !event.dataTransfer?.types.includes("Files") || !event.target.closest?.("#conversation")) return false;
  event.preventDefault();
  form.classList.toggle("is-dropping", isOver);
  return true;
}

function add(files, isWhole = false) {
  set([...(isWhole ? [] : input().files), ...files]);
}

function remove(at) {
  set([...input().files].filter((_, place) => place !== at));
  ($("#chosen-files button") || $("#body")).focus();
}

export function set(files) {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  input().files = all.files;
  showFiles();
}

export function showFiles() {
  $("#chosen-files").replaceChildren(...[...input().files].map(item));
  $("#composer").classList.toggle("has-files", input().files.length > 0);
}

function item(file) {
  const element = $("#chosen-file").content.firstElementChild.cloneNode(true);
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
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}
