// Buttons that copy a citation or an address to the clipboard; hidden until this script runs.
"use strict";
if (navigator.clipboard) {
  const { copied, failed } = document.currentScript.dataset;

  // A citation is copied with italics for programs that accept HTML.
  const put = (button) => {
    const { copy } = button.dataset;
    if (copy) return navigator.clipboard.writeText(copy);
    const citation = button.previousElementSibling.cloneNode(true);
    const forms = { "text/html": citation.innerHTML };
    // In plain text, two characters isolate the direction of a title.
    for (const title of citation.querySelectorAll("[dir=rtl]")) title.prepend("\u2068"), title.append("\u2069");
    forms["text/plain"] = citation.textContent;
    const blobs = Object.entries(forms).map(([type, text]) => [type, new Blob([text], { type })]);
    return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
  };

  const said = [];
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    said.push(status);
    button.after(" ", status);
    button.hidden = false;
    button.addEventListener("click", async () => {
      for (const other of said) other.textContent = "";
      const text = await put(button).then(() => copied, () => failed);
      setTimeout(() => (status.textContent = text), 50); // the same words again are said again
    });
  }
}
