// The lists that search (Select2, from the admin) get the names of their fields, which they lack for screen readers.
"use strict";
{
  const named = (select) => {
    const words = select.labels[0]?.textContent.replace(/:$/, "").trim();
    const box = select.nextElementSibling;
    if (!words || !box?.matches(".select2")) return;
    const label = select.labels[0];
    label.id ||= `${select.id}-label`;
    const shown = box.querySelector(".select2-selection__rendered");
    box.querySelector(".select2-selection").setAttribute("aria-labelledby", [label.id, shown.id].filter(Boolean).join(" "));
    if (shown.getAttribute("role") === "textbox") shown.setAttribute("aria-label", words);
    box.querySelector(".select2-search__field")?.setAttribute("aria-label", words);
    if (shown.tagName === "UL") shown.setAttribute("role", "presentation");
  };
  const within = (root) => root.querySelectorAll("select.admin-autocomplete:not([name*=__prefix__])").forEach(named);
  const $ = window.django.jQuery;
  $(() => within(document));
  document.addEventListener("formset:added", ({ target }) => setTimeout(() => within(target)));
  $(document).on("select2:open", ({ target }) => {
    const field = document.querySelector(".select2-container--open .select2-search__field");
    field?.setAttribute("aria-label", target.labels[0]?.textContent.replace(/:$/, "").trim() ?? "");
  });
  $(document).on("change select2:select select2:unselect", "select.admin-autocomplete", ({ target }) => setTimeout(() => named(target)));
}
