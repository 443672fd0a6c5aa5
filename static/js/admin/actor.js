// A new actor without leaving the practice, and a warning when the portal seems to know it already.
"use strict";
{
  const dialog = document.querySelector("#new-actor");
  const headers = { "X-Requested-With": "admin-script" };
  let target; // the list that asked for it
  let sought = ""; // what was typed into that list's own search

  const choose = ({ id, text }) => {
    target.add(new Option(text, id, true, true));
    target.value = id;
    target.dispatchEvent(new Event("change", { bubbles: true }));
    dialog.close();
  };
  const show = (html) => {
    const body = dialog.querySelector("[data-form]");
    body.innerHTML = html; // our own server's form
    const form = body.querySelector("form");
    warn(form.elements.name, (near) => choose(near));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers }).catch(() => null);
      if (response?.status === 201) return choose(await response.json());
      if (response?.status === 422) return show(await response.text());
      body.querySelector("[data-failed]").hidden = false;
    });
    (body.querySelector("[aria-invalid]") ?? form.elements.name).focus();
  };
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-rows=participations] .add-related");
    if (!link || !dialog) return;
    event.preventDefault();
    event.stopPropagation();
    target = link.closest(".related-widget-wrapper").querySelector("select");
    const response = await fetch(`${dialog.dataset.url}?${new URLSearchParams({ name: sought })}`, { headers }).catch(() => null);
    if (!response?.ok) return;
    show(await response.text());
    if (!dialog.open) dialog.showModal();
  }, true);
  document.addEventListener("input", ({ target: field }) => {
    if (field.matches(".select2-search__field")) sought = field.value;
  });
  dialog?.querySelector("[data-do=close]").addEventListener("click", () => dialog.close());

  // Names that are nearly the same, below the field; in the dialog each can be taken instead.
  const warn = (input, take) => {
    const list = input.form.querySelector("[data-near-list]") ?? document.createElement("div");
    list.setAttribute("role", "status");
    list.className = "near";
    if (!list.isConnected) (input.closest(".flex-container") ?? input).after(list);
    let timer;
    const ask = async () => {
      const values = { name: input.value, acronym: input.form.elements.acronym?.value ?? "", but: input.dataset.but ?? "" };
      const response = await fetch(`${input.dataset.near}?${new URLSearchParams(values)}`, { headers }).catch(() => null);
      const { message, near } = response?.ok ? await response.json() : { near: [] };
      list.replaceChildren(...(near.length ? [Object.assign(document.createElement("p"), { textContent: message })] : []));
      for (const row of near) {
        const item = Object.assign(document.createElement(take ? "button" : "a"), { textContent: row.text });
        if (take) Object.assign(item, { type: "button", onclick: () => take(row) });
        else Object.assign(item, { href: row.url, target: "_blank" });
        list.append(item);
      }
    };
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 300);
    };
    input.addEventListener("input", later);
    input.form.elements.acronym?.addEventListener("input", later);
    if (take && input.value) ask();
  };
  document.querySelectorAll("#content-main input[data-near]").forEach((input) => warn(input));
}
