// Keeps the page live: the server says what changed, and that part is fetched again.
import { showModal } from "./modal.js";
import { patch, remember } from "./patch.js";
import { here } from "./talk.js";

const base = `/as/${here.user}/${here.channel}`;
const stale = new Set();
let fetching = false;

export function refresh(...parts) {
  for (const part of parts) if (document.querySelector(`[data-part="${part}"]`)) stale.add(part);
  if (!fetching) fetchStale();
}

async function fetchStale() {
  fetching = true;
  while (stale.size) {
    const parts = [...stale];
    stale.clear();
    // In order: to fetch the messages marks them as read, which the sidebar then shows.
    for (const part of parts.sort((one, other) => (one === "sidebar") - (other === "sidebar"))) await fetchPart(part);
  }
  fetching = false;
}

async function fetchPart(part) {
  const where = new URLSearchParams({ thread: here.thread, tab: here.tab });
  try {
    const answer = await fetch(`${base}/part/${part}?${where}`);
    if (answer.ok) patch(document.querySelector(`[data-part="${part}"]`), await answer.text());
  } catch {
    return; // The stream notices too, and everything is fetched when it is back.
  }
  if (part === "modal") showModal();
  if (part === "sidebar") showCount();
}

function showCount() {
  const count = document.querySelectorAll(".line.unread").length;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (count) document.title = `(${count}) ${document.title}`;
}

export function openThread(ts) {
  here.thread = ts;
  const where = new URL(location);
  ts ? where.searchParams.set("thread", ts) : where.searchParams.delete("thread");
  history.replaceState(null, "", where);
  refresh("thread");
}

// A browser opens six connections to one address: only pages that are seen keep theirs.
let stream = null;
function listen() {
  stream?.close();
  stream = null;
  if (document.hidden) return;
  stream = new EventSource(`/as/${here.user}/stream`);
  stream.onopen = () => {
    document.querySelector("#offline").hidden = true;
    refresh("messages", "thread", "modal", "home", "sidebar");
  };
  stream.onerror = () => setTimeout(() => {
    document.querySelector("#offline").hidden = !stream || stream.readyState === EventSource.OPEN;
    if (stream?.readyState === EventSource.CLOSED) listen();
  }, 1500);
  stream.onmessage = (event) => heard(JSON.parse(event.data));
}

function heard({ kind, whose }) {
  if (kind === "message") refresh(...(whose === here.channel ? ["messages", "thread", "sidebar"] : ["sidebar"]));
  else if (kind === "view") refresh("modal");
  else if (kind === "home") refresh("home");
}

export function startLive() {
  for (const part of document.querySelectorAll("[data-part]")) remember(part);
  showCount();
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => stream?.close());
  listen();
}
