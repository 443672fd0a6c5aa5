// Asks from time to time who else has the form open, and what the practice still lacks.
"use strict";
{
  const formState = document.querySelector("#form-state");
  const form = formState?.closest("form");
  const activeEditors = document.querySelector("#active-editors");
  const completeness = document.querySelector("#completeness");
  const ask = async (address, body) => {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const headers = { "X-Requested-With": "admin-script", "X-CSRFToken": token };
    const response = await fetch(address, { method: "POST", headers, body }).catch(() => null);
    return response?.ok ? response.json() : null;
  };

  if (activeEditors) {
    const askPresence = async () => {
      if (document.hidden) return;
      const found = await ask(activeEditors.dataset.url);
      if (!found || activeEditors.textContent === found.message) return;
      activeEditors.textContent = found.message;
      activeEditors.hidden = !found.message;
    };
    askPresence();
    setInterval(askPresence, Number(activeEditors.dataset.every) * 1000);
  }

  if (completeness) {
    const askCompleteness = async () => {
      const body = new FormData();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
      const found = await ask(completeness.dataset.url, body);
      if (!found) return;
      completeness.querySelector("meter").value = found.has;
      completeness.querySelector("[data-message]").textContent = found.message;
      const lines = found.missing.map(({ text, field }) => {
        const link = Object.assign(document.createElement("a"), { href: `#${field}`, textContent: text });
        const line = document.createElement("li");
        line.append(link);
        return line;
      });
      completeness.querySelector("ul").replaceChildren(...lines);
    };
    let timer;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(askCompleteness, 1500);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    document.addEventListener("form:restored", later);
  }
}
