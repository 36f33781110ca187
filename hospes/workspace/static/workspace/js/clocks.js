// How long ago something was, kept true while the page is open. The words are the reader's own.
import { $$ } from "./requests.js";

const language = document.documentElement.lang || "en";
const in_ = (unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short" });
const units = { minute: in_("minute"), hour: in_("hour"), day: in_("day") };

export function age(since, now = Date.now()) {
  const minutes = Math.max(1, Math.round((now - since) / 60000));
  if (minutes < 60) return units.minute.format(minutes);
  const hours = Math.round(minutes / 60);
  return hours < 24 ? units.hour.format(hours) : units.day.format(Math.round(hours / 24));
}

function tick() {
  for (const element of $$("time[data-since]")) {
    const words = age(Date.parse(element.dateTime));
    if (element.textContent !== words) element.textContent = words;
  }
}

export function startClocks() {
  setInterval(tick, 30000);
  document.body.addEventListener("htmx:afterSettle", tick);
}
