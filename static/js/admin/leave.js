// A form with unsaved text is not left without a question: the page asks at its own links, the browser at all else
// (Back, another address, closing the tab). `formState.changed()` tells other scripts whether there is anything to save.
"use strict";
{
  const formState = document.querySelector("#form-state");
  const form = formState?.closest("form");
  const dialog = document.querySelector("#leave");
  // What would be sent; of a file its name.
  const state = () => {
    const fields = [...new FormData(form)].filter(([name]) => !name.startsWith("_") && name !== "csrfmiddlewaretoken");
    return JSON.stringify(fields.map(([name, value]) => [name, typeof value === "string" ? value : value.name]));
  };

  if (form) {
    // A form that came back with errors holds text that is not saved.
    const saved = form.querySelector(".errornote") ? "" : state();
    let free = false; // to leave
    formState.changed = () => !free && state() !== saved;

    document.addEventListener("form:saved", () => (free = true));
    addEventListener("beforeunload", (event) => {
      if (formState.changed()) event.preventDefault();
    });

    const here = (link) => link.href.includes("#") && link.href.split("#")[0] === location.href.split("#")[0];
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || (link?.target && link.target !== "_self");
      if (!link || event.defaultPrevented || elsewhere || !link.protocol.startsWith("http") || here(link) || !formState.changed()) return;
      event.preventDefault();
      dialog.returnValue = "";
      dialog.addEventListener("close", () => {
        if (dialog.returnValue !== "leave") return;
        free = true;
        location.assign(link.href);
      }, { once: true });
      dialog.showModal();
    });
  }
}
