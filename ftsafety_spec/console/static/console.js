// Keys for what links and buttons do anyway. Nothing here is needed to read or to write.
"use strict";
(() => {
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll(".row-link")];
  const at = () => rows().findIndex((link) => link === document.activeElement);
  const move = (step) => {
    const links = rows();
    if (links.length === 0) return;
    const next = Math.min(links.length - 1, Math.max(0, at() < 0 ? (step > 0 ? 0 : links.length - 1) : at() + step));
    links[next].focus();
    links[next].closest("tr").scrollIntoView({ block: "nearest" });
  };
  const follow = (relation) => document.querySelector(`a[rel="${relation}"]`)?.click();
  const press = (key) => document.querySelector(`button[data-key="${CSS.escape(key)}"]`);
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    n: () => note() || follow("next"),
    p: () => follow("prev"),
    "/": () => document.querySelector("#q")?.focus(),
    m: () => document.querySelector("textarea[data-send]")?.focus(),
  };
  const note = () => {
    const box = document.querySelector("details[data-note]");
    if (box === null) return false;
    box.open = true;
    box.querySelector("input[name=text]").focus();
    return true;
  };
  // Ctrl+Enter sends a message, Esc leaves it: inside a field every other key writes.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[data-send]")) return;
    const button = event.target.form.querySelector("button.main:not(:disabled)");
    if (button === null || event.repeat) return;
    event.preventDefault();
    event.target.form.requestSubmit(button);
  });
  // When both have answered, the message that waits may be sent.
  document.addEventListener("htmx:afterSwap", () => {
    const talk = document.querySelector("#talk");
    if (talk !== null && !talk.hasAttribute("hx-get")) document.querySelector("#send")?.removeAttribute("disabled");
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const button = press(event.key);
    if (button !== null && !event.repeat) {
      event.preventDefault();
      button.click();
    } else if (button === null && event.key in keys) {
      event.preventDefault();
      keys[event.key]();
    }
  });
})();
