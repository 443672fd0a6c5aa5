// While one types a period, says how it is understood.
"use strict";
{
  const WAIT = 250;
  const enhance = (input) => {
    const message = document.createElement("output");
    message.className = "period-message";
    message.setAttribute("for", input.id);
    (input.closest(".flex-container") ?? input).after(message);
    let timer;
    let request;
    const ask = async () => {
      request?.abort();
      request = new AbortController();
      const address = `${input.dataset.period}?${new URLSearchParams({ text: input.value })}`;
      const response = await fetch(address, { signal: request.signal, headers: { "X-Requested-With": "admin-script" } }).catch(() => null);
      if (!response?.ok) return;
      const { read, wrong } = await response.json();
      message.textContent = read ?? wrong;
      message.classList.toggle("wrong", Boolean(wrong));
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    if (input.value) ask();
  };
  const within = (root) => root.querySelectorAll("input[data-period]").forEach(enhance);
  within(document);
  document.addEventListener("formset:added", ({ target }) => within(target));
}
