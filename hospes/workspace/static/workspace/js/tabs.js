// On a phone the sections of the settings stand in one row: the one that is open is brought into sight.
import { $ } from "./requests.js";

export function startTabs() {
  const row = $(".side-nav");
  const tab = row && $("[aria-current]", row);
  if (!tab || row.scrollWidth <= row.clientWidth) return;
  const here = row.getBoundingClientRect(), there = tab.getBoundingClientRect();
  row.scrollBy({ left: there.left + there.width / 2 - here.left - here.width / 2 });
}
