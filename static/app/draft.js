// The form of an enterprise's own paper (a run, a stock paper): typed with a scanner and Enter alone, saved by itself,
// nothing lost.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const bodies = [...form.querySelectorAll("[data-rows]")];
  const inputs = (row) => [...row.querySelectorAll("input")];
  const visible = (where) => [...where.querySelectorAll("input:not([type=hidden])")];
  const isEmpty = (row) => inputs(row).every((input) => !input.value.trim());

  // Rows: there is always an empty one at the end

  const addRow = (body) => {
    const row = body.lastElementChild.cloneNode(true), at = body.rows.length + 1;
    for (const input of inputs(row)) {
      input.value = input.placeholder = "";
      input.classList.remove("is-invalid"); input.removeAttribute("aria-invalid");
      input.id = input.id.replace(/\d+$/, at);
    }
    for (const told of row.querySelectorAll(".field-error")) told.remove();
    for (const small of row.querySelectorAll("small")) small.textContent = "";
    row.querySelector("[data-n]").textContent = at;
    body.append(row);
    return row;
  };
  const keepOneBlank = () => { for (const body of bodies) if (!isEmpty(body.lastElementChild)) addRow(body); };

  // The keyboard: Enter goes on to the next field, from the last one of a row to the next row, and from an empty row
  // to the first empty one of the next table or, after the last table, to the button

  const known = Object.fromEntries(["goods", "lots"].map((id) => [id, new Map([...document.querySelectorAll(`#${id} option`)].map((option) => [option.value, option.textContent]))]));
  const describe = (input) => {
    const told = input.closest("td")?.querySelector("[data-name]");
    if (told) told.textContent = known[input.getAttribute("list")].get(input.value.trim()) || "";
  };
  const afterTable = (body) => {
    const table = bodies[bodies.indexOf(body) + 1];
    return table && inputs([...table.rows].find(isEmpty))[0];
  };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    keepOneBlank();
    const row = event.target.closest("tr"), fields = visible(form);
    const next = row && isEmpty(row) ? afterTable(row.parentElement) : fields[fields.indexOf(event.target) + 1];
    (next || form.querySelector("[value='review']")).focus();
    next?.select?.();
  });
  form.addEventListener("change", (event) => { if (event.target.list) describe(event.target); });

  const isWritten = () => bodies.some((body) => [...body.rows].some((row) => !isEmpty(row)));
  form.addEventListener("input", window.keepDraft(form, { isWritten, changing: keepOneBlank }));
  if (!form.querySelector(".is-invalid")) visible(bodies[0])[0].focus();
})();
