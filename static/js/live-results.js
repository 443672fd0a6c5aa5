// A list that changes in place: choices, active filters, order and pages fetch the new list, and its parts replace
// those of this page. Text fields are outside of the parts, so no response replaces them. Focus, scroll position,
// open parts and history are kept. Without this script each of them loads a page.
"use strict";
{
  const form = document.querySelector("form[data-list]");
  const failure = form.querySelector(".failure");
  const status = document.createElement("div");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  document.body.append(status);

  const byId = (id) => document.getElementById(id);
  const fields = () => ["q", "from", "to"].map(byId).filter(Boolean);
  const parts = (page) => new Map([...page.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  const folds = () => [...form.querySelectorAll("details[data-fold]")];
  const count = () => byId("results-count");
  const complete = (field) => field.id === "q" || /^(\p{Nd}{4})?$/u.test(field.value.trim());
  const tellCounts = () => {
    for (const button of form.querySelectorAll("[data-live]")) button.textContent = button.dataset.live;
  };

  // Finds an element again in the new parts: a choice by name and value, others by id.
  const selectorOf = (element) => {
    if (!element?.closest("[data-part]")) return null;
    if (element.type === "checkbox") return `[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`;
    return element.id ? `#${CSS.escape(element.id)}` : "#results-count";
  };

  const setError = (field, text) => {
    byId(`${field.id}-error`).textContent = text;
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  // A field follows the response only if its value is still the requested one.
  const updateField = (field, page, asked) => {
    if (field.value !== asked.get(field.id)) return;
    const answered = page.querySelector(`#${field.id}`);
    if (!answered) return; // an empty list has no filters
    if (field.value !== answered.value) field.value = answered.value;
    field.defaultValue = answered.defaultValue; // the value of the list on the page, see withChanges
    setError(field, page.querySelector(`#${field.id}-error`).textContent);
  };

  // An empty list has no filters. Here they are only hidden, so that no typed text is lost.
  const showFilters = (page) => {
    const filters = form.querySelectorAll(".results > :is(.skip, .filters)");
    const fresh = page.querySelectorAll(".results > :is(.skip, .filters)");
    if (!filters.length) form.querySelector(".results").prepend(...fresh);
    for (const element of filters) element.hidden = !fresh.length && !element.contains(document.activeElement);
  };

  const replaceParts = (page, fresh, asked, shut) => {
    const open = new Set(folds().filter((fold) => fold.open).map((fold) => fold.dataset.fold));
    showFilters(page);
    for (const [name, part] of parts(document)) if (fresh.has(name)) part.replaceWith(fresh.get(name));
    for (const fold of folds()) fold.open = open.has(fold.dataset.fold) && !shut.includes(fold.dataset.fold);
    for (const field of fields()) updateField(field, page, asked);
    tellCounts();
    document.title = page.title;
    for (const link of document.head.querySelectorAll("link[rel=canonical], link[rel=alternate]")) link.remove();
    document.head.append(...page.head.querySelectorAll("link[rel=canonical], link[rel=alternate]"));
  };

  const listOf = ({ pathname, search }) => pathname + search; // an address without its fragment
  let current = listOf(location);
  let request;
  let retry;
  // “Try again” requests the same list and keeps text typed after the failed request.
  const fail = (url, options) => {
    retry = () => show(url, options);
    form.querySelector(".results-list").removeAttribute("aria-busy");
    failure.querySelector("a").href = url;
    failure.hidden = false;
    status.textContent = failure.querySelector("span").textContent;
  };

  const valuesAsked = (all) =>
    new Map(fields().filter((field) => all || complete(field)).map((field) => [field.id, field.value]));

  // Shows the list of an address. A later call cancels this one, so responses cannot overtake each other.
  // `all`: the address contains all fields, incomplete years too, so all of them follow the response.
  // `asked`: the values of the fields in the address; by default the current ones.
  const show = async (url, { push = true, all = false, focus, shut = [], asked = valuesAsked(all) } = {}) => {
    request?.abort();
    const { signal } = (request = new AbortController());
    form.querySelector(".results-list").setAttribute("aria-busy", "true");
    failure.hidden = true;
    let page;
    try {
      const response = await fetch(url, { signal });
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      page = new Document();
    }
    if (signal.aborted) return;
    const fresh = parts(page);
    if (!fresh.has("results")) return fail(url, { push, focus: focus ?? "#results-count", shut, asked });
    const kept = focus ?? selectorOf(document.activeElement);
    const top = document.activeElement.getBoundingClientRect().top;
    replaceParts(page, fresh, asked, shut);
    if (push && listOf(new URL(url)) !== current) history.pushState({}, "", url);
    current = listOf(location);
    if (kept) (form.querySelector(kept) ?? count()).focus({ preventScroll: true });
    if (!focus && form.contains(document.activeElement)) {
      scrollBy({ top: document.activeElement.getBoundingClientRect().top - top, behavior: "instant" }); // it stays where it was
    }
    status.textContent = count().textContent;
  };

  const lead = async (url, options) => {
    await show(url, { focus: "#results-count", ...options });
    if (failure.hidden) count().scrollIntoView();
  };

  // The address of the form, without incomplete text fields unless `all` is set.
  const address = (all = false) => {
    const left = all ? [] : fields().filter((field) => !complete(field)).map((field) => field.name);
    const pairs = [...new FormData(form)].filter(([name, value]) => value !== "" && !left.includes(name));
    const query = new URLSearchParams(pairs).toString();
    return form.action + (query ? `?${query}` : "");
  };

  // The address of a link of the list, with choices and text since that list was created.
  const withChanges = (link) => {
    const boxes = [...form.querySelectorAll("[type=checkbox]")].filter((box) => box.checked !== box.defaultChecked);
    const typed = fields().filter((field) => field.value !== field.defaultValue && complete(field));
    if (!boxes.length && !typed.length) return link.href;
    const changed = (name, value) =>
      name === "page" ||
      typed.some((field) => field.name === name) ||
      boxes.some((box) => box.name === name && box.value === value);
    const pairs = [...new URL(link.href).searchParams].filter(([name, value]) => !changed(name, value));
    for (const box of boxes) if (box.checked) pairs.push([box.name, box.value]);
    for (const field of typed) if (field.value) pairs.push([field.name, field.value]);
    const query = new URLSearchParams(pairs).toString();
    return form.action + (query ? `?${query}` : "");
  };

  form.addEventListener("change", ({ target }) => {
    if (target.id === "q") return;
    if (target.id && !complete(target)) setError(target, byId(`${target.id}-error`).dataset.incomplete);
    else show(address());
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const all = true;
    if (event.submitter?.matches(".apply button")) lead(address(all), { all, shut: ["filters"] }); // they hide the rows
    else show(address(all), { all });
  });
  form.addEventListener("click", (event) => {
    const link = event.target.closest(":is(.chips, .order, .pages, .empty, .understood, .failure) a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    if (link.pathname !== location.pathname) return;
    event.preventDefault();
    if (link.closest(".failure")) retry();
    else if (link.closest(".pages")) lead(withChanges(link));
    else show(link.matches(".plain") ? link.href : withChanges(link), { focus: "#results-count", shut: ["order"] });
  });
  addEventListener("popstate", () => {
    if (listOf(location) === current) return; // a jump within the page, such as a skip link
    current = listOf(location);
    show(location.href, { push: false, all: true });
  });
  // After “Back” the browser restores typed text; a year then acts as if the user had just left its field.
  addEventListener("pageshow", () => {
    for (const field of fields()) {
      if (field.value !== field.defaultValue) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  tellCounts();
}
