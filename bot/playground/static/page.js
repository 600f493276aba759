// The page starts here.
import { startActions } from "./actions.js";
import { startComposers } from "./composer.js";
import { startFiles } from "./files.js";
import { startLive } from "./live.js";
import { startModals } from "./modal.js";
import { here, post } from "./talk.js";

startLive();
startActions();
startComposers();
startFiles();
startModals();
if (here.tab === "home") post("home/open");
