// A list that changes in place: choices, chips, order and pages fetch the new list and put it where the old
// one stands, with focus, scroll, folds and history kept. Without this file every one of them is a page.
"use strict";
{
  const AREA = "[data-list]";
  const area = () => document.querySelector(AREA);
  const status = document.createElement("div");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  document.body.append(status);
  document.body.classList.add("live"); // a choice acts at once: on a wide screen no button is needed
  const box = document.querySelector("#q"); // it stands outside, so that what is typed there stays
  let request;

  // What can be found again in the new list: a field by its name and value, a link by its words.
  const marked = (element) => {
    if (!element || !area().contains(element)) return null;
    if (element.name) return `[name="${CSS.escape(element.name)}"]${element.type === "checkbox" ? `[value="${CSS.escape(element.value)}"]` : ""}`;
    return element.id ? `#${CSS.escape(element.id)}` : null;
  };
  const folds = () => [...document.querySelectorAll(`${AREA} details`)];
  const keyOf = (fold) => fold.dataset.fold ?? fold.className;

  const show = async (url, { push = true, focus, shut = [] } = {}) => {
    request?.abort();
    const { signal } = (request = new AbortController());
    area().setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector(AREA);
      if (!fresh) return location.assign(url);
      const open = new Set(folds().filter((fold) => fold.open).map(keyOf));
      const kept = focus ?? marked(document.activeElement);
      area().replaceWith(document.adoptNode(fresh));
      box.value = page.querySelector("#q").value;
      for (const fold of folds()) fold.open = open.has(keyOf(fold)) && !shut.includes(keyOf(fold));
      for (const button of area().querySelectorAll("[data-live]")) button.textContent = button.dataset.live;
      document.title = page.title;
      for (const link of document.head.querySelectorAll("link[rel=canonical], link[rel=alternate]")) link.remove();
      document.head.append(...page.head.querySelectorAll("link[rel=canonical], link[rel=alternate]"));
      if (push) history.pushState({}, "", url);
      if (kept) (area().querySelector(kept) ?? area().querySelector("h2"))?.focus({ preventScroll: true });
      status.textContent = area().querySelector("#results-count")?.textContent ?? "";
    } catch {
      if (!signal.aborted) location.assign(url);
    }
  };

  const lead = (url, shut) =>
    show(url, { focus: "#results-count", shut }).then(() => area().querySelector("#results-count")?.scrollIntoView());

  const addressOf = (form) => {
    const data = [...new FormData(form)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(data).toString();
    return form.action + (query ? `?${query}` : "");
  };
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (event.target !== box && form && form === box.form) show(addressOf(form));
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== box.form) return;
    event.preventDefault();
    if (event.submitter?.matches(".apply button")) lead(addressOf(event.target), ["filters"]); // they hide the rows
    else show(addressOf(event.target));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest(`${AREA} :is(.chips, .order, .pages, .empty, .understood) a`);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    if (link.closest(".pages")) lead(link.href);
    else show(link.href, { focus: "#results-count", shut: ["order"] });
  });
  addEventListener("popstate", () => show(location.href, { push: false }));
}
