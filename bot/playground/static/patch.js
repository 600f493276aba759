// Puts fresh HTML in place of old, child by child, and leaves alone what has not changed: focus, text, open menus.
const sources = new WeakMap();

export function remember(container) {
  for (const child of container.children) {
    if ("deep" in child.dataset) remember(child);
    else sources.set(child, child.outerHTML);
  }
}

export function patch(container, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  patchChildren(container, [...template.content.children]);
}

function patchChildren(container, fresh) {
  const old = new Map([...container.children].map((child, place) => [keyOf(child, place), child]));
  const keys = fresh.map(keyOf);
  for (const [key, child] of old) if (!keys.includes(key)) child.remove();
  let previous = null;
  fresh.forEach((child, place) => {
    const known = old.get(keys[place]);
    const chosen = known ? settle(known, child) : child;
    if (!known) remember({ children: [child] });
    else if (chosen !== known) known.replaceWith(chosen);
    const here = previous ? previous.nextElementSibling : container.firstElementChild;
    if (chosen !== here) container.insertBefore(chosen, here); // what stands in its place keeps its focus
    if (known && chosen !== known) restoreFocus(known, chosen);
    previous = chosen;
  });
}

function keyOf(child, place) {
  return child.dataset.key ?? `${child.tagName}-${place}`;
}

// Which element stays: the known one if it says the same, or else the fresh one with what was typed into the known.
function settle(known, fresh) {
  if ("deep" in fresh.dataset && "deep" in known.dataset) {
    patchChildren(known, [...fresh.children]);
    return known;
  }
  if (sources.get(known) === fresh.outerHTML) return known;
  sources.set(fresh, fresh.outerHTML);
  carry(known, fresh);
  return fresh;
}

function carry(known, fresh) {
  for (const field of known.querySelectorAll("[data-field] [name]")) {
    for (const same of fresh.querySelectorAll(`[name="${CSS.escape(field.name)}"]`)) {
      if (field.type !== "radio" && field.type !== "checkbox") same.value = field.value;
      else if (same.value === field.value) same.checked = field.checked;
    }
  }
}

let focused = null;
addEventListener("focusin", (event) => { focused = event.target; });

function restoreFocus(known, fresh) {
  if (!focused || !known.contains(focused) || (document.activeElement !== document.body && document.activeElement)) return;
  const same = focused.id ? fresh.querySelector(`#${CSS.escape(focused.id)}`)
    : focused.name ? fresh.querySelector(`[name="${CSS.escape(focused.name)}"][value="${CSS.escape(focused.value)}"]`)
    : fresh.querySelector("button:not([role=menuitem])");
  same?.focus({ preventScroll: true });
}
