// How long ago something was and what time it is elsewhere, kept true while the page is open, in the reader's words.
import { $$ } from "./requests.js";

const language = document.documentElement.lang || "en";
const in_ = (unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short" });
const units = { minute: in_("minute"), hour: in_("hour"), day: in_("day") };
const clocks = new Map();

export function age(since, now = Date.now()) {
  const minutes = Math.max(1, Math.round((now - since) / 60000));
  if (minutes < 60) return units.minute.format(minutes);
  const hours = Math.round(minutes / 60);
  return hours < 24 ? units.hour.format(hours) : units.day.format(Math.round(hours / 24));
}

/** The clock of a zone; with the weekday unless it is a short one. */
function clock(zone, form) {
  const name = zone + form;
  if (!clocks.has(name)) clocks.set(name, new Intl.DateTimeFormat(language, { timeZone: zone, hour: "numeric", minute: "2-digit", ...(form ? {} : { weekday: "short" }) }));
  return clocks.get(name).format(new Date());
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** What is owed: how much time is left or how late it is, with the colour and the icon of that. */
function showDue(element) {
  const now = Date.now(), due = Date.parse(element.dateTime), warn = Date.parse(element.dataset.warn || "");
  const { dueLeft, dueLate } = document.body.dataset;
  const isLate = now > due, isSoon = !isLate && now >= warn;
  if (!dueLeft) return;
  write(element, (isLate ? dueLate : dueLeft).replace("%(time)s", isLate ? age(due, now) : age(now, due + 1000)));
  const chip = element.closest(".due");
  chip?.classList.toggle("chip-bad", isLate);
  chip?.classList.toggle("chip-warn", isSoon);
  const use = chip?.querySelector("use"), icon = isLate ? "triangle-alert" : isSoon ? "hourglass" : "timer";
  if (use && !use.getAttribute("href").endsWith(`#${icon}`)) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
}

function tick() {
  for (const element of $$("time[data-due]")) showDue(element);
  for (const element of $$("time[data-since]")) write(element, age(Date.parse(element.dateTime)));
  for (const element of $$("time[data-zone]")) write(element, clock(element.dataset.zone, element.dataset.form));
}

export function startClocks() {
  setInterval(tick, 20000);
  document.body.addEventListener("htmx:afterSettle", tick);
}
