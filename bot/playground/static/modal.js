// Modals: what is filled in goes out in Slack's shape; what comes back is shown at its field.
import { busily, placeToasts, post } from "./talk.js";

export function startModals() {
  document.addEventListener("submit", submitted);
  document.addEventListener("change", changed);
  document.addEventListener("input", (event) => clearError(event.target.closest("[data-field]")));
  document.addEventListener("click", (event) => { if (event.target.closest("[data-close-view]")) close(); });
  document.addEventListener("cancel", (event) => {
    if (!event.target.matches("dialog")) return;
    event.preventDefault(); // Escape: the server closes the view, and the page follows.
    close();
  }, true);
  showModal();
}

export function showModal() {
  const dialog = document.querySelector("dialog");
  if (dialog && !dialog.dataset.closed) open(dialog);
  placeToasts();
}

// Puts the cursor into the first field: when the modal opens, or when it has its first fields.
function open(dialog) {
  const first = dialog.querySelector("[data-field] :is(input, select, textarea)");
  const fresh = !dialog.matches(":modal");
  if (fresh) {
    dialog.close(); // The server sends it open, for readers without this script; a real modal opens from closed.
    dialog.showModal();
  }
  if (fresh || !dialog.dataset.filled) first?.focus({ preventScroll: true });
  dialog.dataset.filled = first ? "yes" : "";
}

function close() {
  const dialog = document.querySelector("dialog");
  dialog.dataset.closed = "yes";
  dialog.close();
  placeToasts();
  post("view/close");
}

function valuesOf(dialog) {
  const values = {};
  for (const field of dialog.querySelectorAll("[data-field]")) {
    values[field.dataset.field] = { [field.dataset.element]: { type: field.dataset.type, ...valueOf(field) } };
  }
  return values;
}

function valueOf(field) {
  const control = field.querySelector("input, select, textarea");
  const ticked = [...field.querySelectorAll("input:checked")].map((input) => option(input.dataset.label, input.value));
  switch (field.dataset.type) {
    case "static_select": {
      const chosen = control.selectedOptions[0];
      return { selected_option: chosen?.value ? option(chosen.textContent, chosen.value) : null };
    }
    case "users_select": return { selected_user: control.value || null };
    case "radio_buttons": return { selected_option: ticked[0] ?? null };
    case "checkboxes": return { selected_options: ticked };
    case "datepicker": return { selected_date: control.value || null };
    case "timepicker": return { selected_time: control.value || null };
    default: return { value: control.value || null };
  }
}

const option = (text, value) => ({ text: { type: "plain_text", text }, value });

async function submitted(event) {
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  const button = dialog.querySelector("[type=submit]");
  if (!button || button.classList.contains("busy")) return;
  for (const field of dialog.querySelectorAll(".wrong")) clearError(field);
  const body = { view_id: dialog.dataset.view, values: valuesOf(dialog) };
  dialog.classList.add("waiting");
  const outcome = await busily(button, () => post("view/submit", body));
  dialog.classList.remove("waiting");
  showErrors(dialog, outcome.errors ?? {});
}

function showErrors(dialog, errors) {
  for (const [block, sentence] of Object.entries(errors)) {
    const field = dialog.querySelector(`[data-field="${CSS.escape(block)}"]`);
    if (!field) continue;
    field.classList.add("wrong");
    const error = field.querySelector(".error");
    error.textContent = sentence;
    error.hidden = false;
    for (const control of field.querySelectorAll("input, select, textarea")) control.setAttribute("aria-invalid", "true");
  }
  const first = dialog.querySelector(".wrong");
  first?.scrollIntoView({ block: "nearest" });
  first?.querySelector("input, select, textarea")?.focus({ preventScroll: true });
}

function clearError(field) {
  if (!field?.classList.contains("wrong")) return;
  field.classList.remove("wrong");
  field.querySelector(".error").hidden = true;
  for (const control of field.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function changed(event) {
  const field = event.target.closest("dialog [data-field]");
  if (!field || !("dispatch" in field.dataset)) return;
  const dialog = field.closest("dialog");
  const chosen = event.target.value;
  if (!chosen) return;
  post("view/choose", {
    view_id: dialog.dataset.view, action_id: field.dataset.element, option: chosen, values: valuesOf(dialog),
  });
}
