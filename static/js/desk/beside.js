// Beside the form: who else has it open, and what the case still lacks, both asked from time to time.
"use strict";
{
  const desk = document.querySelector("#desk");
  const form = desk?.closest("form");
  const others = document.querySelector("#others");
  const lacks = document.querySelector("#lacks");
  const ask = async (address, body) => {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const headers = { "X-Requested-With": "desk", "X-CSRFToken": token };
    const response = await fetch(address, { method: "POST", headers, body }).catch(() => null);
    return response?.ok ? response.json() : null;
  };

  if (others) {
    const here = async () => {
      if (document.hidden) return;
      const found = await ask(others.dataset.url);
      if (!found || others.textContent === found.said) return;
      others.textContent = found.said;
      others.hidden = !found.said;
    };
    here();
    setInterval(here, Number(others.dataset.every) * 1000);
  }

  if (lacks) {
    const count = async () => {
      const body = new FormData();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
      const found = await ask(lacks.dataset.url, body);
      if (!found) return;
      lacks.querySelector("meter").value = found.has;
      lacks.querySelector("[data-said]").textContent = found.said;
      const lines = found.lacks.map(({ text, field }) => {
        const link = Object.assign(document.createElement("a"), { href: `#${field}`, textContent: text });
        const line = document.createElement("li");
        line.append(link);
        return line;
      });
      lacks.querySelector("ul").replaceChildren(...lines);
    };
    let timer;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(count, 1500);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    document.addEventListener("desk:restored", later);
  }
}
