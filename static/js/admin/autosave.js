// Saves what an editor types into a form of the admin on this device, for each account and page, and offers it when
// the page is opened again. Saving the form or discarding the text removes it, as does the end of a month. Files
// cannot be saved here. The names of the database and its store are those of earlier releases, so that text which
// was saved then is still found.
"use strict";
{
  const MONTH = 31 * 24 * 3600 * 1000;
  const formState = document.querySelector("#form-state");
  const form = formState?.closest("form");
  const region = document.querySelector("#autosaved");
  const NOT_TYPED = /^_|_FORMS$|-(id|order|practice)$|__prefix__/; // as in practices/accounts/resubmit.py
  const LAST = "desk-last ";
  const UNKEPT = new Set(["csrfmiddlewaretoken", "password"]);

  const database = new Promise((resolve, reject) => {
    const asked = indexedDB.open("desk", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const done = (asked) =>
    new Promise((resolve, reject) => {
      asked.transaction.oncomplete = () => resolve(asked.result);
      asked.transaction.onabort = () => reject(asked.error);
    });
  // Strict: written to the disk before it counts as saved.
  const store = async (mode) => (await database).transaction("kept", mode, { durability: "strict" }).objectStore("kept");
  const put = async (record) => done((await store("readwrite")).put(record));
  const drop = async (id) => done((await store("readwrite")).delete(id));
  const all = async () => done((await store("readonly")).getAll());

  // Every field as the browser would send it, and the words of each choice, which a list fetched anew lacks.
  const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !UNKEPT.has(name));
  const labels = () => {
    const chosen = [...form.querySelectorAll("select")].flatMap((select) => [...select.selectedOptions].map((option) => [select.name, option]));
    return Object.fromEntries(chosen.map(([name, option]) => [`${name} ${option.value}`, option.text]));
  };

  // Puts values into the fields of a name; also called for what an editor chose among two versions.
  const fill = (name, values, words = {}) => {
    const left = [...values];
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "file") continue;
      const before = field.value;
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked === left.includes(field.value)) continue;
        field.checked = left.includes(field.value);
      } else if (field.tagName === "SELECT") {
        for (const value of left) {
          if (![...field.options].some((option) => option.value === value)) field.add(new Option(words[`${name} ${value}`] ?? value, value));
        }
        for (const option of field.options) option.selected = left.includes(option.value);
      } else {
        field.value = left.shift() ?? "";
        if (field.value === before) continue;
      }
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  const restore = ({ fields, words }) => {
    const byName = new Map([...form.elements].map(({ name, type }) => [name, type === "hidden" || type === "checkbox" || type === "select-multiple" ? [] : null]));
    for (const [name, values] of byName) if (values === null) byName.delete(name);
    const totals = fields.filter(([name]) => name.endsWith("-TOTAL_FORMS"));
    for (const [name, value] of totals) document.dispatchEvent(new CustomEvent("form:add-rows", { detail: { prefix: name.slice(0, -12), total: Number(value) } }));
    const given = new Map();
    for (const [name, value] of fields) given.set(name, [...(given.get(name) ?? []), value]);
    for (const [name, none] of byName) if (!given.has(name) && !UNKEPT.has(name) && !name.startsWith("_")) given.set(name, none);
    for (const [name, values] of given) fill(name, values, words);
    document.dispatchEvent(new CustomEvent("form:restored"));
  };

  const start = async () => {
    const page = { account: formState.dataset.account, path: location.pathname };
    const id = `${page.account} ${page.path} ${Date.now()} ${Math.random()}`;
    // While this page lives it holds a lock of this name, so that no other page offers what is still being typed.
    navigator.locks?.request(id, () => new Promise(() => {}));
    // After Back to the form of a new practice that was saved: its rows and lists, which the browser does not know.
    const isNew = !form.querySelector("[name=_seen]");
    const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (isNew && cameBack && history.state?.form) restore(history.state.form);
    let before = JSON.stringify(typed());
    let writing = false;
    let again = false;
    let last = Promise.resolve();

    const record = () => ({ id, ...page, at: Date.now(), fields: typed(), words: labels() });
    const save = async () => {
      formState.dataset.autosaved = "pending";
      if (writing) return void (again = true);
      writing = true;
      do {
        again = false;
        last = JSON.stringify(typed()) === before ? drop(id) : put(record());
        await last.catch(() => {}); // nothing can be saved here; the form still works
      } while (again);
      writing = false;
      formState.dataset.autosaved = "yes";
    };
    // What was typed in the very last moment is still being written when the page goes, so it is also put where
    // writing waits for nothing; the next page that opens takes it from there.
    addEventListener("pagehide", () => {
      if (formState.dataset.autosaved === "pending" && JSON.stringify(typed()) !== before) localStorage.setItem(LAST + id, JSON.stringify(record()));
    });
    addEventListener("pageshow", () => localStorage.removeItem(LAST + id)); // it was not gone for good
    form.addEventListener("input", save);
    form.addEventListener("change", save);
    document.addEventListener("form:restored", save);
    document.addEventListener("form:saved", ({ detail }) => {
      if (isNew) history.replaceState({ form: record() }, "");
      before = JSON.stringify(typed());
      detail.waitFor.push(last.then(() => drop(id)).catch(() => {}));
    });

    const alive = new Set(((await navigator.locks?.query()) ?? { held: [] }).held.map(({ name }) => name));
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(LAST))) {
      await put(JSON.parse(localStorage.getItem(key)));
      localStorage.removeItem(key);
    }
    const saved = (await all()).filter((record) => record.account === page.account && record.path === page.path && !alive.has(record.id));
    for (const record of saved.sort((a, b) => b.at - a.at)) {
      if (Date.now() - record.at > MONTH) drop(record.id);
      else show(record);
    }
  };

  const show = (record) => {
    const item = region.querySelector("template").content.cloneNode(true).firstElementChild;
    const time = item.querySelector("time");
    time.dateTime = new Date(record.at).toISOString();
    time.textContent = new Date(record.at).toLocaleString(document.documentElement.lang);
    const close = () => {
      item.remove();
      region.hidden = !region.querySelector("[data-autosave]");
    };
    // A page that can only be read has no fields for it: it is shown, to be copied.
    for (const [name, value] of record.fields) {
      if (!value.trim() || NOT_TYPED.test(name)) continue;
      const parts = [["dt", name.replaceAll("-", " ")], ["dd", value]].map(([tag, textContent]) => Object.assign(document.createElement(tag), { textContent }));
      item.querySelector("[data-typed]")?.append(...parts);
    }
    item.querySelector("[data-do=bring]")?.addEventListener("click", async () => {
      restore(record);
      close();
      form.querySelector("input:not([type=hidden]), textarea").focus();
      setTimeout(() => drop(record.id), 1000); // by then this page has saved it again as its own
    });
    item.querySelector("[data-do=drop]").addEventListener("click", () => (drop(record.id), close()));
    region.append(item);
    region.hidden = false;
  };

  if (form && "indexedDB" in window) {
    document.addEventListener("form:fill", ({ detail }) => fill(detail.name, detail.values, detail.words));
    start().catch(() => {});
  }
}
