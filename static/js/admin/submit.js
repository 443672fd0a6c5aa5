// Sends forms of the admin in the background: an answer that is no success does not replace the page, so the text
// stays where it is, below what went wrong and what to do. Without this file the browser sends forms itself.
"use strict";
{
  const formState = document.querySelector("#form-state");
  const form = formState?.closest("form");
  const outcome = document.querySelector("#outcome");
  const loginAgain = document.querySelector("#login-again");
  const conflictDialog = document.querySelector("#edit-conflict");
  const headers = { "X-Requested-With": "admin-script" };
  let pressed; // the button, whose name says what follows after saving

  const say = (name, values = {}) => {
    outcome.replaceChildren(document.querySelector(`template[data-outcome="${name}"]`).content.cloneNode(true));
    for (const [key, value] of Object.entries(values)) for (const place of outcome.querySelectorAll(`[data-value=${key}]`)) place.textContent = value;
    outcome.hidden = false;
    outcome.className = `outcome ${name}`;
    if (name !== "sending") outcome.focus();
  };
  const busy = (is) => {
    form.setAttribute("aria-busy", is);
    for (const button of form.querySelectorAll("[type=submit]")) button.disabled = is;
  };

  const send = async (retried = false) => {
    busy(true);
    say("sending");
    try {
      const body = new FormData(form);
      if (pressed?.name) body.append(pressed.name, pressed.value);
      const response = await fetch(form.action, { method: "POST", body, headers, redirect: "error" });
      await (answers[response.status] ?? failed)(response, retried);
    } catch {
      say("unreachable");
    } finally {
      busy(false);
    }
  };

  const saved = async (response) => {
    const { to } = await response.json();
    const waitFor = [];
    document.dispatchEvent(new CustomEvent("form:saved", { detail: { waitFor } }));
    await Promise.all(waitFor);
    location.assign(to);
  };
  const closed = async (response) => say("closed", await response.json());
  const failed = (response) => say(response.status === 413 || response.status === 400 ? "large" : "failed", { status: response.status });

  // A login that ended: a new one in another tab; whoever comes back from there has the form sent.
  const token = async () => {
    const response = await fetch(formState.dataset.token, { headers });
    if (!response.ok) return response.status;
    const { user, token: fresh } = await response.json();
    if (user !== formState.dataset.account) return "other";
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = fresh;
    return 200;
  };
  const loggedOut = () => {
    say("logged-out");
    loginAgain.showModal();
  };
  const back = async () => {
    if (!loginAgain.open || document.hidden) return;
    const state = await token().catch(() => 0);
    loginAgain.querySelector("[data-other]").hidden = state !== "other";
    if (state !== 200) return;
    loginAgain.close();
    send();
  };
  window.addEventListener("focus", back);
  document.addEventListener("visibilitychange", back);
  loginAgain?.querySelector("[data-do=back]").addEventListener("click", back);

  const refused = async (response, retried) => {
    if (retried) return say("forbidden");
    const state = await token();
    if (state === 200) return send(true);
    return state === 401 ? loggedOut() : say("forbidden");
  };

  // Errors are shown at each field and, with links, above the form.
  const wrong = async (response) => {
    const { errors } = await response.json();
    say("wrong", { count: errors.length });
    const list = outcome.querySelector("ul");
    errors.forEach(({ field, label, messages, url, url_text }, number) => {
      const input = [...form.elements].find(({ name, type }) => name === field && type !== "hidden");
      const place = input ?? (field && (document.getElementById(field) || document.getElementById(`${field}-group`)));
      const line = document.createElement("li");
      const text = [label, messages.join(" ")].filter(Boolean).join(": ");
      list.append(line);
      const way = url ? [" ", Object.assign(document.createElement("a"), { href: url, textContent: url_text })] : [];
      if (!place) return void line.append(text, ...way);
      place.id ||= `wrong-place-${number}`;
      const link = Object.assign(document.createElement("a"), { href: `#${place.id}`, textContent: text });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        (input?.nextElementSibling?.querySelector?.("[tabindex]") ?? place).focus();
        place.scrollIntoView({ block: "center" });
      });
      line.append(link, ...way);
      mark(place, input, messages, number);
    });
  };
  const mark = (place, input, messages, number) => {
    const note = Object.assign(document.createElement("ul"), { className: "errorlist wrong-here", id: `wrong-${number}` });
    note.append(...messages.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    if (!input) return void place.prepend(note);
    (input.closest(".flex-container, .fieldBox") ?? input).before(note);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), note.id].filter(Boolean).join(" "));
  };
  const clear = () => {
    for (const note of form.querySelectorAll(".errorlist, .errornote")) note.remove();
    for (const input of form.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      const kept = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => !id.startsWith("wrong-"));
      if (kept.join("")) input.setAttribute("aria-describedby", kept.join(" "));
      else input.removeAttribute("aria-describedby");
    }
  };

  // Somebody else saved meanwhile: both texts in a dialog; what is chosen goes into the form, which is sent.
  const conflict = async (response) => {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const choices = page.querySelector("#conflict_form");
    const place = conflictDialog.querySelector("[data-choices]");
    place.replaceChildren(choices);
    say("two-versions");
    conflictDialog.showModal();
    choices.addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = new Map();
      const words = {};
      for (const field of choices.querySelectorAll("input[type=radio], input[type=checkbox]")) {
        if (!asked.has(field.name)) asked.set(field.name, []);
        if (field.checked && field.value) asked.get(field.name).push(field.value);
        words[`${field.name} ${field.value}`] = field.closest("label").querySelector("[data-text]").textContent;
      }
      asked.set("_seen", [choices.querySelector("[name=_seen]").value]);
      for (const [name, values] of asked) {
        if (!form.querySelector(`[name="${CSS.escape(name)}"]`)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name }));
        document.dispatchEvent(new CustomEvent("form:fill", { detail: { name, values, words } }));
      }
      document.dispatchEvent(new CustomEvent("form:restored"));
      conflictDialog.close();
      send();
    });
  };

  const answers = { 200: saved, 401: loggedOut, 403: refused, 409: conflict, 410: closed, 422: wrong, 423: closed };

  if (form && window.fetch) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      pressed = event.submitter;
      if (pressed?.dataset.go && !formState.changed()) return void location.assign(pressed.dataset.go); // nothing to save
      clear();
      document.dispatchEvent(new CustomEvent("form:submitting"));
      send();
    });
  }
}
