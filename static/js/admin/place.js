// Coordinates by a name that is known here, or by a click on the map. The numbers can always be typed.
"use strict";
{
  const template = document.querySelector("#place-tools");
  const SPAN = 90; // units of the map that its part shows, once a country is known
  const part = (name, row) => row.querySelector(`[name$="-${name}"]`);

  const enhance = (row) => {
    if (!part("latitude", row) || !template) return;
    const tools = template.content.cloneNode(true).firstElementChild;
    const [map, message, spot] = ["svg", "[role=status]", ".spot"].map((selector) => tools.querySelector(selector));
    part("longitude", row).closest(".form-row").append(tools);
    const ask = async (values) => {
      const response = await fetch(`${template.dataset.url}?${new URLSearchParams(values)}`, { headers: { "X-Requested-With": "admin-script" } }).catch(() => null);
      return response?.ok ? response.json() : { message: template.dataset.failed };
    };
    const put = (found) => {
      for (const name of ["latitude", "longitude"]) {
        if (found[name] === undefined) continue;
        part(name, row).value = found[name];
        part(name, row).dispatchEvent(new Event("change", { bubbles: true }));
      }
      message.textContent = found.message ?? "";
      draw(found);
    };
    const draw = ({ x, y }) => {
      spot.classList.toggle("unseen", x === undefined);
      if (x === undefined) return;
      spot.setAttribute("d", `M${x} ${y}h.01`);
      map.setAttribute("viewBox", `${x - SPAN / 2} ${y - SPAN / 4} ${SPAN} ${SPAN / 2}`);
    };
    tools.querySelector("[data-do=find]").addEventListener("click", async () => put(await ask({ name: part("name", row).value, country: part("country", row).value })));
    tools.querySelector("details").addEventListener("toggle", async ({ target }) => {
      const [latitude, longitude, country] = ["latitude", "longitude", "country"].map((name) => part(name, row).value);
      if (target.open && (latitude || country)) draw(await ask(latitude ? { latitude, longitude } : { country }));
    });
    tools.querySelector("[data-do=world]").addEventListener("click", () => map.setAttribute("viewBox", "0 0 1000 439"));
    map.addEventListener("click", async ({ clientX, clientY }) => {
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(map.getScreenCTM().inverse());
      const { x: left, y: top, width } = map.viewBox.baseVal;
      const seen = [left, top, width].join(" ");
      const found = await ask({ x, y });
      put(found);
      if (seen.endsWith(` ${SPAN}`)) map.setAttribute("viewBox", `${left} ${top} ${width} ${width / 2}`); // stay where one is
    });
  };
  document.querySelectorAll("[data-rows=places] .row").forEach(enhance);
  document.addEventListener("formset:added", ({ target }) => enhance(target));
}
