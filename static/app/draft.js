// The form of an enterprise's own paper (a run, a stock paper): typed with a scanner and Enter alone, saved by itself,
// nothing lost.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const saved = document.getElementById("saved");
  const SAVE_AFTER = 1200;
  const bodies = [...form.querySelectorAll("[data-rows]")];
  const inputs = (row) => [...row.querySelectorAll("input")];
  const visible = (where) => [...where.querySelectorAll("input:not([type=hidden])")];
  const isEmpty = (row) => inputs(row).every((input) => !input.value.trim());
  let changed = 0, kept = 0, saving = null, timer = null, unreachable = false, address = location.pathname;

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

  // Saving by itself

  const send = async (now) => {
    const token = document.cookie.match(/csrftoken=(\w+)/);  // signing in again elsewhere changes it
    if (token) form.elements.csrfmiddlewaretoken.value = token[1];
    const reply = await fetch(address, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, keepalive: true });
    if (reply.redirected) { unreachable = true; saved.textContent = form.dataset.signedOut; return; }
    const answer = await reply.json();
    unreachable = false;
    if (!reply.ok) { saved.textContent = answer.refusal; return; }
    form.elements.version.value = answer.version;
    form.action = address = answer.url;
    if (location.pathname !== answer.url) history.replaceState(null, "", answer.url);
    kept = now;
    form.dataset.kept = kept === changed;
    saved.textContent = `${form.dataset.saved} ${new Date().toLocaleTimeString()}`;
  };
  const isWritten = () => bodies.some((body) => [...body.rows].some((row) => !isEmpty(row)));
  const save = () => {
    clearTimeout(timer);
    if (!saving && kept !== changed && !form.dataset.leaving && isWritten()) {
      const now = changed;
      saving = send(now)
        .catch(() => { unreachable = true; saved.textContent = form.dataset.unsaved; })
        .finally(() => { saving = null; if (unreachable || changed !== now) timer = setTimeout(save, 2 * SAVE_AFTER); });
    }
    return saving;
  };
  form.addEventListener("input", () => {
    changed += 1;
    form.dataset.kept = false;
    keepOneBlank();
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  });
  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
  addEventListener("online", save);
  addEventListener("beforeunload", (event) => { if (kept !== changed && !form.dataset.leaving) event.preventDefault(); });
  form.addEventListener("submit", async (event) => {
    if (form.dataset.leaving) return;
    event.preventDefault();  // first kept, then gone on with: without a connection the page stays as it is
    const button = event.submitter;
    await saving;
    await save();
    if (unreachable && kept !== changed) return;
    form.dataset.leaving = "yes";
    setTimeout(() => form.requestSubmit(button));  // not while this very event is still being told around
  });
  addEventListener("pageshow", (event) => {  // come back to by the back button, the draft has moved on
    if (event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward") location.reload();
  });
  if (!form.querySelector(".is-invalid")) visible(bodies[0])[0].focus();
})();
