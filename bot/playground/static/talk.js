// Who is here, and how the page talks to the server and to the person.
export const here = document.body.dataset;
const toasts = document.querySelector("#toasts");

export function post(path, body = {}) {
  return send(path, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export async function send(path, request) {
  let outcome;
  try {
    const answer = await fetch(`/as/${here.user}/${path}`, { method: "POST", ...request });
    outcome = answer.ok ? await answer.json() : { trouble: "That is no longer there. Have another look." };
  } catch {
    outcome = { trouble: "The playground does not answer. Is it still running?" };
  }
  if (outcome.trouble) toast(outcome.trouble);
  return outcome;
}

export function toast(sentence) {
  const shown = document.createElement("div");
  shown.className = "toast";
  shown.innerHTML = `<svg viewBox="0 0 20 20" fill="none" stroke="#f4a259" stroke-width="1.7" stroke-linecap="round"
    stroke-linejoin="round" aria-hidden="true"><path d="M10 3.2L17.6 16.4H2.4zM10 8.4v3.6M10 14.2v.1"/></svg><span></span>`;
  shown.lastElementChild.textContent = sentence;
  toasts.append(shown);
  placeToasts();
  setTimeout(() => shown.remove(), 6000);
}

// A modal covers and silences everything outside it, so warnings appear inside.
export function placeToasts() {
  (document.querySelector("dialog[open]") ?? document.body).append(toasts);
}

export async function busily(button, work) {
  button.classList.add("busy");
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.classList.remove("busy");
    button.removeAttribute("aria-busy");
  }
}
