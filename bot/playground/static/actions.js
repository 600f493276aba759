// Buttons and menus in messages and on the home; threads and shortcuts.
import { openThread } from "./live.js";
import { busily, here, post } from "./talk.js";

export function startActions() {
  document.addEventListener("click", clicked);
  document.addEventListener("change", chosen);
  document.addEventListener("keydown", typed);
  document.addEventListener("scroll", closeMenus, true);
  addEventListener("resize", closeMenus);
}

function clicked(event) {
  const button = event.target.closest("button");
  const opener = button?.closest("[data-menu]");
  const wasOpen = opener?.getAttribute("aria-expanded") === "true";
  if (!event.target.closest(".menu-title")) closeMenus();
  if (!button || button.classList.contains("busy")) return;
  if (opener && !wasOpen) openMenu(opener);
  else if ("action" in button.dataset) press(button);
  else if ("thread" in button.dataset) openThread(button.dataset.thread);
  else if ("closeThread" in button.dataset) openThread("");
  else if ("newLead" in button.dataset) post(`${here.channel}/shortcut`);
  else if ("fromMessage" in button.dataset) post(`${here.channel}/shortcut`, { ts: tsOf(button) });
}

function tsOf(element) {
  return element.closest("[data-ts]")?.dataset.ts;
}

async function press(button) {
  const { action, value, option, confirm: question } = button.dataset;
  if (question && !confirm(question)) return;
  const shown = button.closest(".menu")?.previousElementSibling ?? button;
  await busily(shown, () => act(button, { action_id: action, value, option }));
}

function chosen(event) {
  const { choose } = event.target.dataset;
  if (!choose || event.target.closest("dialog") || !event.target.value) return;
  act(event.target, { action_id: choose, option: event.target.value });
}

function act(element, deed) {
  const ts = tsOf(element);
  return ts ? post(`${here.channel}/click`, { ts, ...deed }) : post("home/press", deed);
}

function openMenu(opener) {
  const menu = opener.nextElementSibling;
  opener.setAttribute("aria-expanded", "true");
  menu.hidden = false;
  const from = opener.getBoundingClientRect(), size = menu.getBoundingClientRect();
  const below = from.bottom + 6 + size.height < innerHeight - 8;
  menu.style.top = `${below ? from.bottom + 6 : from.top - size.height - 6}px`;
  menu.style.left = `${Math.max(8, Math.min(from.left, innerWidth - size.width - 12))}px`;
  menu.querySelector("[role=menuitem]").focus({ preventScroll: true });
}

function closeMenus() {
  for (const menu of document.querySelectorAll(".menu:not([hidden])")) {
    menu.hidden = true;
    menu.previousElementSibling.setAttribute("aria-expanded", "false");
  }
}

function typed(event) {
  const menu = event.target.closest?.(".menu");
  if (!menu) return;
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const place = items.indexOf(event.target);
  const steps = { ArrowDown: place + 1, ArrowUp: place - 1 + items.length, Home: 0, End: items.length - 1 };
  if (event.key in steps) {
    event.preventDefault();
    items[steps[event.key] % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.preventDefault();
    closeMenus();
    menu.previousElementSibling.focus();
  }
}
