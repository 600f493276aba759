// The page starts here.
import { startActions } from "./actions.js";
import { startComposers } from "./composer.js";
import { startLive } from "./live.js";
import { startModals } from "./modal.js";
import { here, post } from "./talk.js";

startLive();
startActions();
startComposers();
startModals();
if (here.tab === "home") post("home/open");
