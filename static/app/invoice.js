// The invoice grid: typed with a scanner and Enter alone, saved by itself, nothing lost.
(() => {
  const form = document.getElementById("invoice");
  if (!form) return;
  const rows = document.getElementById("rows");
  const blank = document.getElementById("blank-row");
  const scan = document.getElementById("scan");
  const scanSaid = document.getElementById("scan-said");
  const saved = document.getElementById("saved");
  const SAVE_AFTER = 1200;
  const names = ["code", "lot", "made", "until", "quantity", "unit", "price"];
  const field = (row, name) => row.querySelector(`[name="${name}"]`);
  const isEmpty = (row) => names.every((name) => !field(row, name).value);
  let changed = 0, kept = 0, saving = null, timer = null, address = location.pathname;

  // Rows

  const number = () => rows.querySelectorAll("tr").forEach((row, at) => {
    row.querySelector("[data-n]").textContent = at + 1;
    for (const name of names) field(row, name).id = `${name}-${at + 1}`;
  });
  const dress = (row) => {
    const button = document.createElement("button");
    button.type = "button"; button.className = "btn btn-sm btn-ghost"; button.textContent = "×";
    button.setAttribute("aria-label", form.dataset.removed);
    button.addEventListener("click", () => { row.remove(); number(); touch(); });
    row.querySelector("[data-remove]").append(button);
    return row;
  };
  const addRow = () => {
    rows.append(blank.content.cloneNode(true));
    const row = dress(rows.lastElementChild);
    number();
    return row;
  };
  const freeRow = () => [...rows.querySelectorAll("tr")].find(isEmpty) || addRow();
  rows.querySelectorAll("tr").forEach(dress);

  // What a code stands for

  const lookUp = async (code) => {
    const answer = await fetch(`${form.dataset.lookup}?code=${encodeURIComponent(code)}`, { headers: { Accept: "application/json" } });
    return answer.json();
  };
  const describe = (row, facts) => {
    row.querySelector("[data-name]").textContent = [facts.name, facts.pack_size].filter(Boolean).join(" ");
    for (const [name, value] of [["unit", facts.unit_name], ["price", facts.price]]) {
      if (!field(row, name).value && value) field(row, name).value = value;
    }
  };
  const resolve = async (row) => {
    const code = field(row, "code").value.trim();
    if (!code) return;
    const { found } = await lookUp(code).catch(() => ({}));
    if (found) { describe(row, found); touch(); }
  };

  // The scanner

  const beep = (pitch) => {
    try {
      const context = new AudioContext(), tone = context.createOscillator();
      tone.frequency.value = pitch; tone.connect(context.destination); tone.start(); tone.stop(context.currentTime + 0.08);
    } catch { /* a machine without sound */ }
  };
  const say = (words, good) => {
    scanSaid.textContent = words;
    scan.classList.toggle("buzz", !good);
    beep(good ? 1200 : 220);
  };
  const lastRow = () => [...rows.querySelectorAll("tr")].filter((row) => !isEmpty(row)).pop();
  const add = (code, quantity) => {
    const row = freeRow();
    field(row, "code").value = code;
    field(row, "quantity").value = quantity;
    row.classList.add("flash");
    touch();
    return row;
  };
  const scanned = async (text) => {
    if (text.startsWith("*")) {
      const row = lastRow();
      if (row) { field(row, "quantity").value = text.slice(1).trim(); touch(); say(text, true); }
      return;
    }
    const row = add(text, "1");  // in the form at once: a slow answer loses nothing, and the next scan may come
    const answer = await lookUp(text).catch(() => null);
    if (answer?.found) { describe(row, answer.found); say(`${answer.found.name} ${answer.found.pack_size || ""}`, true); }
    else if (answer) say(answer.refusal || `${text} ?`, false);
  };
  document.querySelector("[data-scan]").hidden = false;
  scan.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const text = scan.value.trim();
    scan.value = "";
    if (text) scanned(text);
  });

  // The keyboard: Enter goes on to the next field, in the last one to a new row

  rows.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const row = event.target.closest("tr");
    const at = names.indexOf(event.target.name);
    const next = names[at + 1] ? field(row, names[at + 1]) : field(row.nextElementSibling || addRow(), "code");
    next.focus();
  });
  rows.addEventListener("change", (event) => { if (event.target.name === "code") resolve(event.target.closest("tr")); });
  form.querySelector(".invoice-head").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const heads = [...form.querySelectorAll(".invoice-head input")];
    (heads[heads.indexOf(event.target) + 1] || scan).focus();
  });

  // Saving by itself

  const save = async () => {
    if (saving || kept === changed) return saving;
    const now = changed;
    saving = fetch(address, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, keepalive: true })
      .then(async (reply) => {
        const answer = await reply.json();
        if (!reply.ok) { saved.textContent = answer.refusal; return; }
        form.elements.version.value = answer.version;
        address = answer.url;
        form.action = answer.url;
        if (location.pathname !== answer.url) history.replaceState(null, "", answer.url);
        kept = now;
        saved.textContent = `${form.dataset.saved} ${new Date().toLocaleTimeString()}`;
      })
      .catch(() => { saved.textContent = form.dataset.unsaved; })
      .finally(() => { saving = null; });
    return saving;
  };
  const touch = () => {
    changed += 1;
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  };
  form.addEventListener("input", (event) => { if (event.target !== scan) touch(); });
  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
  addEventListener("beforeunload", (event) => { if (kept !== changed && !form.dataset.leaving) event.preventDefault(); });
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (form.dataset.leaving || !saving) { form.dataset.leaving = "yes"; return; }
    event.preventDefault();  // a save is under way: its version goes into this one
    const button = event.submitter;
    await saving;
    form.dataset.leaving = "yes";
    form.requestSubmit(button);
  });
  if (!form.querySelector(".is-invalid")) (form.elements.partner.value ? scan : form.elements.partner).focus();
})();
