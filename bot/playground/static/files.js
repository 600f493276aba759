// Files: chosen with the paperclip or dropped onto the messages, and kept in the composer until they are sent.
import { here, send, toast } from "./talk.js";

const staged = new WeakMap(); // by composer

export const stagedIn = (form) => staged.get(form);

export function startFiles() {
  document.addEventListener("click", clicked);
  document.addEventListener("change", chosen);
  for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, dragged);
}

export function takeStaged(form) {
  const file = staged.get(form);
  if (file) stage(form, null);
  return file;
}

export function upload(file, text, thread) {
  const told = new URLSearchParams({ name: file.name, text });
  if (thread) told.set("thread_ts", thread);
  return send(`${here.channel}/files?${told}`, { body: file });
}

function stage(form, file) {
  const most = Number(form.querySelector("[type=file]").dataset.most);
  if (file?.size > most) return toast(`That file is too large: at most ${most / 1024 ** 2} MB.`);
  file ? staged.set(form, file) : staged.delete(form);
  const shown = form.querySelector("[data-staged]"), area = form.querySelector("textarea");
  shown.hidden = !file;
  shown.querySelector(".file-name").textContent = file?.name ?? "";
  shown.querySelector("small").textContent = file ? sizeOf(file.size) : "";
  shown.firstElementChild.classList.toggle("is-table", /\.(csv|tsv|xlsx)$/i.test(file?.name ?? ""));
  area.dispatchEvent(new Event("input", { bubbles: true })); // whether there is something to send has changed
  area.focus();
}

function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} Bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function clicked(event) {
  const form = event.target.closest("[data-composer]");
  if (event.target.closest("[data-attach]")) form.querySelector("[type=file]").click();
  else if (event.target.closest("[data-unstage]")) stage(form, null);
}

function chosen(event) {
  if (!event.target.matches("[data-composer] [type=file]") || !event.target.files.length) return;
  stage(event.target.form, event.target.files[0]);
  event.target.value = ""; // so that the same file can be chosen again
}

// A file may be dropped on the messages beside a composer with a paperclip; anywhere else a drop would leave the page.
function dragged(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const pane = event.target.closest?.(".pane, .main");
  const form = pane?.querySelector("[data-attach]")?.form;
  event.dataTransfer.dropEffect = form ? "copy" : "none";
  if (event.type === "dragover") light(form && pane);
  else if (event.type === "drop" || !event.relatedTarget) light(null);
  if (event.type === "drop" && form) dropped(form, [...event.dataTransfer.files]);
}

function dropped(form, files) {
  if (files.length > 1) toast("One file at a time, please: the first one is here.");
  if (files.length) stage(form, files[0]);
}

function light(pane) {
  for (const other of document.querySelectorAll(".dropping")) if (other !== pane) other.classList.remove("dropping");
  pane?.classList.add("dropping");
}
