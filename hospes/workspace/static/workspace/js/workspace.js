// Everything the pages do beyond htmx. Each file is one matter; this one only starts them.
import { startClocks } from "./clocks.js";
import { startComposer } from "./composer.js";
import { startConversation } from "./conversation.js";
import { startDesigns } from "./designs.js";
import { startDialogs } from "./dialogs.js";
import { startFiles } from "./files.js";
import { startKeys } from "./keys.js";
import { startList } from "./list.js";
import { startLive } from "./live.js";
import { startPalette } from "./palette.js";
import { startPeople } from "./people.js";
import { startTabs } from "./tabs.js";
import { startToasts } from "./toasts.js";

startDialogs();
startToasts();
startClocks();
startKeys();
startPalette();
startList();
startConversation();
startDesigns();
startComposer();
startFiles();
startPeople();
startLive();
startTabs();
