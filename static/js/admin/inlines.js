// Rows of a practice: added, and put in order by dragging or with buttons. Without this file a row has a number.
"use strict";
{
  document.documentElement.classList.add("scripted");
  const status = Object.assign(document.createElement("div"), { className: "visually-hidden" });
  status.setAttribute("role", "status");
  document.body.append(status);

  const rowsOf = (list) => [...list.children].filter((row) => row.matches(".row"));
  const filled = (row) => [...row.querySelectorAll("input:not([type=hidden], [type=checkbox], .order), textarea, select")].some((field) => field.value && field.value !== field.dataset.initial);
  const number = (list) => {
    const rows = rowsOf(list);
    const drawn = list.closest("[data-rows]").dataset.ordered;
    rows.forEach((row, index) => {
      const place = row.querySelector(".number"); // lessons show their permanent number instead
      if (place) place.textContent = index + 1;
      const order = row.querySelector("input.order");
      if (order && drawn) order.value = row.querySelector("input[name$='-id']")?.value || filled(row) ? index + 1 : "";
      const [up, down] = row.querySelectorAll("[data-move]");
      if (up) [up.disabled, down.disabled] = [index === 0, index === rows.length - 1];
    });
  };
  const say = (list, row) => {
    const { name, moved } = { ...list.closest("[data-rows]").dataset, ...row.dataset };
    const rows = rowsOf(list);
    status.textContent = moved.replace("%name", name).replace("%place", rows.indexOf(row) + 1).replace("%of", rows.length);
  };
  const changed = (list) => {
    number(list);
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const move = (row, step, button) => {
    const list = row.parentElement;
    const rows = rowsOf(list);
    const other = rows[rows.indexOf(row) + step];
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    changed(list);
    say(list, row);
    (button.disabled ? row.querySelector("[data-move]:not(:disabled)") : button)?.focus();
  };

  const drag = (row, grip) => {
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const list = row.parentElement;
      row.classList.add("dragged");
      // The others go past the row: one that leaves the page, if only to come back, lets go of the pointer.
      const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
      const over = ({ clientY }) => {
        while (row.previousElementSibling && clientY < middle(row.previousElementSibling)) row.after(row.previousElementSibling);
        while (row.nextElementSibling && clientY > middle(row.nextElementSibling)) row.before(row.nextElementSibling);
        if (clientY < 40) window.scrollBy(0, -12);
        if (clientY > innerHeight - 40) window.scrollBy(0, 12);
      };
      const drop = () => {
        grip.removeEventListener("pointermove", over);
        row.classList.remove("dragged");
        changed(list);
        say(list, row);
      };
      grip.addEventListener("pointermove", over);
      grip.addEventListener("lostpointercapture", drop, { once: true });
    });
  };
  const enhance = (row) => {
    for (const field of row.querySelectorAll("select, input[type=text]")) if (!row.querySelector("input[name$='-id']")?.value) field.dataset.initial = field.value;
    for (const tool of row.querySelectorAll("[data-move], .grip")) tool.hidden = false;
    const grip = row.querySelector(".grip");
    if (grip) drag(row, grip);
    row.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-move]");
      if (button) move(row, Number(button.dataset.move), button);
    });
  };
  const total = (group) => group.querySelector("[name$='-TOTAL_FORMS']");
  const add = (group) => {
    const index = Number(total(group).value);
    const made = document.createElement("template");
    made.innerHTML = group.querySelector("template").innerHTML.replaceAll("__prefix__", index);
    const row = made.content.firstElementChild;
    const list = group.querySelector(".row-list");
    list.append(row);
    total(group).value = index + 1;
    enhance(row);
    number(list);
    row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: group.dataset.rows } }));
    return row;
  };

  for (const group of document.querySelectorAll("[data-rows]")) {
    const list = group.querySelector(".row-list");
    rowsOf(list).forEach(enhance);
    const spare = rowsOf(list).at(-1); // for those without this file; a new practice keeps one of each
    if (spare && rowsOf(list).length > 1 && !spare.querySelector("input[name$='-id']").value && !filled(spare) && !spare.querySelector(".errorlist")) {
      spare.remove();
      total(group).value -= 1;
    }
    number(list);
    const button = group.querySelector("[data-add]");
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const row = add(group);
      row.querySelector("textarea, input:not([type=hidden], [type=checkbox], .order), .select2-selection, select")?.focus();
      status.textContent = row.querySelector(".row-name").textContent;
    });
  }
  document.addEventListener("form:add-rows", ({ detail }) => {
    const group = document.querySelector(`[data-rows="${CSS.escape(detail.prefix)}"]`);
    while (group && Number(total(group).value) < detail.total) add(group);
  });
  // Text that is restored also has the order of its rows.
  document.addEventListener("form:restored", () => {
    for (const list of document.querySelectorAll("[data-ordered] .row-list")) {
      const place = (row) => Number(row.querySelector("input.order")?.value) || Infinity;
      list.append(...rowsOf(list).sort((a, b) => place(a) - place(b) || 0));
      number(list);
    }
  });
  document.addEventListener("form:submitting", () => document.querySelectorAll(".row-list").forEach(number));
}
