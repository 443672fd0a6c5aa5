// A toolbar for texts in Markdown, and a preview that the server draws as the public page will.
"use strict";
{
  const tools = document.querySelector("#markdown-tools");
  // What a button puts around the chosen words, or before each chosen line.
  const AROUND = { strong: ["**", "**"], emphasis: ["*", "*"], link: ["[", "](https://)"] };
  const BEFORE = { list: () => "- ", numbers: (index) => `${index + 1}. `, quote: () => "> " };

  const replace = (area, start, end, text, from, to) => {
    area.focus();
    area.setSelectionRange(start, end);
    // The only way that keeps the browser's own undo.
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, start, end);
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(from, to);
  };
  const around = (area, [open, close]) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const text = value.slice(start, end);
    const at = start + open.length;
    replace(area, start, end, open + text + close, at, at + text.length);
  };
  const before = (area, prefix) => {
    const { value } = area;
    const start = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const ending = value.indexOf("\n", area.selectionEnd);
    const end = ending < 0 ? value.length : ending;
    const text = value.slice(start, end).split("\n").map((line, index) => prefix(index) + line).join("\n");
    replace(area, start, end, text, start + text.length, start + text.length);
  };
  const footnote = (area) => {
    const { value, selectionEnd: at } = area;
    const taken = [...value.matchAll(/\[\^(\d+)\]/g)].map(([, digits]) => Number(digits));
    const mark = `[^${Math.max(0, ...taken) + 1}]`;
    const text = `${value.slice(0, at)}${mark}${value.slice(at).trimEnd()}\n\n${mark}: `;
    replace(area, 0, value.length, text, text.length, text.length);
  };
  const act = (area, name) => {
    if (AROUND[name]) around(area, AROUND[name]);
    else if (BEFORE[name]) before(area, BEFORE[name]);
    else footnote(area);
  };

  const preview = async (area, button, sheet) => {
    const show = sheet.hidden;
    button.setAttribute("aria-pressed", show);
    if (show) {
      const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
      const headers = { "X-Requested-With": "admin-script", "X-CSRFToken": token };
      const response = await fetch(tools.dataset.url, { method: "POST", headers, body: new URLSearchParams({ text: area.value }) }).catch(() => null);
      if (response?.ok) sheet.innerHTML = (await response.json()).html; // safe: practices/values/text.py
      else sheet.textContent = tools.dataset.failed;
    }
    sheet.hidden = !show;
    area.hidden = show;
    (show ? sheet : area).focus();
  };

  // Says how much room is left when little is. The browser cuts nothing: the server refuses a longer text.
  const count = (area) => {
    const longest = Number(area.dataset.longest);
    if (!longest) return;
    const message = Object.assign(document.createElement("p"), { className: "help" });
    message.setAttribute("role", "status");
    area.after(message);
    const tell = () => {
      const left = area.value.length < longest * 0.9 ? Infinity : longest - [...area.value].length;
      const words = left < 0 ? tools.dataset.over : tools.dataset.left;
      message.textContent = left > longest / 10 ? "" : words.replace("0", Math.abs(left).toLocaleString(document.documentElement.lang));
    };
    area.addEventListener("input", tell);
    tell();
  };

  const enhance = (area) => {
    const bar = tools.content.cloneNode(true).firstElementChild;
    bar.setAttribute("aria-label", `${bar.getAttribute("aria-label")}: ${area.labels[0]?.textContent.replace(/:$/, "") ?? ""}`);
    const sheet = Object.assign(document.createElement("div"), { className: "markdown-preview", hidden: true, tabIndex: -1 });
    const holder = document.createElement("div");
    holder.className = "markdown";
    area.before(holder);
    holder.append(bar, area, sheet);
    count(area);
    bar.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (!button) return;
      if (button.dataset.do === "preview") return void preview(area, button, sheet);
      if (area.hidden) return;
      act(area, button.dataset.do);
    });
    area.addEventListener("keydown", (event) => {
      const name = { b: "strong", i: "emphasis", k: "link" }[event.key];
      if (!name || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      act(area, name);
    });
  };
  const within = (root) => root.querySelectorAll("textarea[data-markdown]").forEach(enhance);
  if (tools) {
    within(document);
    document.addEventListener("formset:added", ({ target }) => within(target));
  }
}
