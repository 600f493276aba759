// Where people write: sending, drafts, and suggestions for commands and names.
import { stagedIn, takeStaged, upload } from "./files.js";
import { busily, here, post } from "./talk.js";

export function startComposers() {
  document.addEventListener("submit", sent);
  document.addEventListener("input", (event) => { if (event.target.matches("[data-composer] textarea")) written(event.target); });
  document.addEventListener("keydown", typed);
  document.addEventListener("click", clicked);
  document.addEventListener("focusout", (event) => { if (formOf(event.target)) setTimeout(leave, 120); });
  const area = document.querySelector("#composer");
  if (!area) return;
  area.value = sessionStorage.getItem(draftOf(area)) ?? "";
  written(area);
  hideHints();
  if (!document.querySelector("dialog[open]")) area.focus({ preventScroll: true });
}

const formOf = (element) => element.closest?.("[data-composer]");
const hintsOf = (form) => form.querySelector(".hints");
const draftOf = (area) => `draft ${here.user} ${here.channel} ${area.form.dataset.threadTs ?? ""}`;

function written(area) {
  area.form.querySelector(".send").disabled = !area.value.trim() && !stagedIn(area.form);
  sessionStorage.setItem(draftOf(area), area.value);
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
  showHints(area);
}

function setText(area, text) {
  area.value = text;
  written(area);
  area.focus();
}

async function sent(event) {
  const form = formOf(event.target);
  if (!form) return;
  event.preventDefault();
  const area = form.querySelector("textarea"), text = area.value;
  const file = takeStaged(form);
  if (!text.trim() && !file) return;
  setText(area, "");
  hideHints();
  form.closest(".pane, .main").querySelector(".timeline").scrollTop = 0; // The list grows from below: 0 is its end.
  const thread = form.dataset.threadTs ?? null;
  const say = () => (file ? upload(file, text, thread) : post(`${here.channel}/say`, { text, thread_ts: thread }));
  const outcome = await busily(form.querySelector(".send"), say);
  if (outcome.trouble && text.startsWith("/") && !file && !area.value) setText(area, text);
}

// Suggestions: the command at the start of the text, or the name after an @ at the cursor.
function wanted(area) {
  const before = area.value.slice(0, area.selectionStart);
  const hints = hintsOf(area.form);
  if (hints && /^\/[^\n]*$/.test(area.value)) {
    return { from: 0, found: [...hints.querySelectorAll("[data-hint^='/']")].filter((hint) => fits(hint, area.value)) };
  }
  const mention = /(?:^|\s)@([\w ]{0,20})$/.exec(before);
  if (!hints || !mention) return { found: [] };
  return { from: before.lastIndexOf("@"), found: names(hints).filter((hint) => fits(hint, `@${mention[1]}`)) };
}

const fits = (hint, start) => {
  const [text, said] = [hint.dataset.hint.toLowerCase(), start.toLowerCase()];
  return text.startsWith(said) && text !== said;
};

function names(hints) {
  const known = [...hints.querySelectorAll("[data-hint^='@']")];
  return known.length ? known : JSON.parse(here.mentions).map((name) => {
    const hint = document.createElement("li");
    hint.setAttribute("role", "option");
    hint.dataset.hint = `@${name}`;
    hint.id = `${hints.id}-${name.replace(/\W/g, "-")}`;
    hint.innerHTML = "<b></b>";
    hint.firstChild.textContent = `@${name}`;
    hints.append(hint);
    return hint;
  });
}

function showHints(area) {
  const hints = hintsOf(area.form);
  if (!hints) return;
  const { found } = wanted(area);
  for (const hint of hints.children) {
    hint.hidden = !found.includes(hint);
    hint.setAttribute("aria-selected", "false");
  }
  hints.hidden = !found.length;
  area.removeAttribute("aria-activedescendant");
}

// A click on a suggestion takes the focus for a moment, too.
function leave() {
  if (!document.activeElement || !formOf(document.activeElement)) hideHints();
}

function hideHints() {
  for (const hints of document.querySelectorAll(".hints")) hints.hidden = true;
}

function typed(event) {
  const form = formOf(event.target);
  if (!form || event.target.tagName !== "TEXTAREA" || event.isComposing) return;
  const shown = [...(hintsOf(form)?.querySelectorAll("li:not([hidden])") ?? [])];
  const open = shown.length && !hintsOf(form).hidden;
  const place = shown.findIndex((hint) => hint.getAttribute("aria-selected") === "true");
  const steps = { ArrowDown: place + 1, ArrowUp: (place < 0 ? 0 : place) - 1 + shown.length };
  const takes = open && (event.key === "Tab" || (event.key === "Enter" && place >= 0));
  if (takes) take(event.target, shown[Math.max(place, 0)]);
  else if (open && event.key in steps) choose(event.target, shown, steps[event.key] % shown.length);
  else if (open && event.key === "Escape") hideHints();
  else if (event.key === "Enter" && !event.shiftKey) form.requestSubmit();
  else return;
  event.preventDefault();
}

function choose(area, shown, place) {
  shown.forEach((hint, at) => hint.setAttribute("aria-selected", String(at === place)));
  shown[place].scrollIntoView({ block: "nearest" });
  area.setAttribute("aria-activedescendant", shown[place].id);
}

function take(area, hint) {
  const { from } = wanted(area);
  const after = area.value.slice(area.selectionStart);
  setText(area, area.value.slice(0, from) + hint.dataset.hint + (from || hint.dataset.hint[0] === "@" ? ` ${after}` : ""));
  showHints(area);
}

function clicked(event) {
  const form = formOf(event.target);
  if (!form) return;
  const hint = event.target.closest("[data-hint]"), insert = event.target.closest("[data-insert]");
  const area = form.querySelector("textarea");
  if (hint) take(area, hint);
  else if (insert) setText(area, insert.dataset.insert === "/" ? "/" : `${area.value}${area.value && !area.value.endsWith(" ") ? " " : ""}@`);
}
