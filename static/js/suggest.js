// Suggestions under the search box: a combobox with a list, after the WAI-ARIA Authoring Practices.
// If it fails or is not loaded, the search box works without suggestions.
"use strict";
{
  const { url, label, counts } = document.currentScript.dataset;
  const WAIT = 150; // milliseconds after the last key
  const MIN_LETTERS = 2;
  const MAX_TEXT_LENGTH = 100; // the server refuses more

  const made = (tag, attributes, ...content) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...content);
    return element;
  };

  const enhance = (input, number) => {
    const id = `suggestions-${number}`;
    const list = made("ul", { id, class: "suggestions", role: "listbox", "aria-label": label, hidden: "" });
    const status = made("div", { class: "visually-hidden", role: "status" });
    const text = () => input.value.trim();
    let rows = [];
    let rowsFor; // the text that the rows answer
    let current = -1; // the option chosen by keys
    let timer;
    let request;

    const choose = (index) => {
      list.children[current]?.setAttribute("aria-selected", "false");
      current = index;
      const option = list.children[current];
      if (!option) return input.removeAttribute("aria-activedescendant");
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    };
    const show = (open) => {
      choose(-1);
      list.hidden = !open;
      input.setAttribute("aria-expanded", String(open));
    };
    const stop = () => {
      clearTimeout(timer);
      request?.abort();
    };
    const close = () => {
      stop();
      status.textContent = "";
      show(false);
    };
    const option = (row, index) => {
      const attributes = { id: `${id}-${index}`, role: "option", "aria-selected": "false" };
      const kind = made("small", {}, row.kind_label);
      return made("li", attributes, made("b", { dir: "auto" }, row.label), " ", kind);
    };
    const ask = async (step) => {
      stop();
      const asked = text();
      if (asked.length < MIN_LETTERS || asked.length > MAX_TEXT_LENGTH) return close();
      const { signal } = (request = new AbortController());
      try {
        if (asked !== rowsFor) {
          const response = await fetch(`${url}?q=${encodeURIComponent(asked)}`, { signal });
          rows = (await response.json()).suggestions ?? [];
          rowsFor = response.ok ? asked : undefined;
        }
        list.replaceChildren(...rows.map(option));
        show(rows.length > 0);
        status.textContent = counts.split("|")[rows.length];
        if (step) choose(step > 0 ? 0 : rows.length - 1);
      } catch {
        if (!signal.aborted) close(); // nothing is suggested; the box still searches
      }
    };
    const move = (step) => {
      if (list.hidden || rowsFor !== text()) ask(step); // a list of former words is never chosen from
      else if (current < 0) choose(step > 0 ? 0 : rows.length - 1);
      else choose((current + step + rows.length) % rows.length);
    };
    const follow = (index) => {
      close();
      location.assign(rows[index].url);
    };

    // Each returns whether it handled the key.
    const keys = {
      ArrowDown: (event) => (event.altKey ? ask() : move(1), true),
      ArrowUp: (event) => (event.altKey ? close() : move(-1), true),
      Escape: () => !list.hidden && (close(), true),
      Enter: () => (current >= 0 ? (follow(current), true) : close()),
      Tab: () => close(),
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) choose(-1);
      if (keys[event.key]?.(event)) event.preventDefault();
    });
    input.addEventListener("input", () => {
      stop();
      choose(-1);
      if (text().length < MIN_LETTERS) close();
      else timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("blur", close);
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", (event) => {
      const index = [...list.children].indexOf(event.target.closest("li"));
      if (index >= 0) follow(index);
    });

    const combobox = { role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(combobox)) input.setAttribute(name, value);
    input.parentElement.append(list, status);
  };

  document.querySelectorAll("input[type=search][name=q]").forEach(enhance);
}
