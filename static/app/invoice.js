// The invoice grid: typed with a scanner and Enter alone, saved by itself, nothing lost.
(() => {
  const form = document.getElementById("invoice");
  if (!form) return;
  const rows = document.getElementById("rows");
  const blank = document.getElementById("blank-row");
  const scan = document.getElementById("scan");
  const scanSaid = document.getElementById("scan-said");
  const saved = document.getElementById("saved");
  const count = document.getElementById("count");
  const SAVE_AFTER = 1200;
  const names = ["code", "lot", "made", "until", "quantity", "unit", "price"];
  const field = (row, name) => row.querySelector(`[name="${name}"]`);
  const isEmpty = (row) => names.every((name) => !field(row, name).value.trim());
  const goTo = (element) => { element.focus(); element.select?.(); };
  const allRows = () => [...rows.querySelectorAll("tr")];
  const writtenRows = () => allRows().filter((row) => !isEmpty(row));
  let changed = 0, kept = 0, saving = null, timer = null, unreachable = false, address = location.pathname;

  // Rows: there is always an empty one at the end

  const number = () => {
    allRows().forEach((row, at) => {
      row.querySelector("[data-n]").textContent = at + 1;
      for (const name of names) field(row, name).id = `${name}-${at + 1}`;
    });
    count.textContent = `${form.dataset.lines}: ${writtenRows().length}`;
  };
  const dress = (row) => {
    const button = document.createElement("button");
    button.type = "button"; button.className = "btn btn-sm btn-ghost"; button.textContent = "×";
    button.setAttribute("aria-label", form.dataset.removed);
    button.addEventListener("click", () => { row.remove(); touch(); scan.focus(); });
    row.querySelector("[data-remove]").append(button);
    return row;
  };
  const addRow = () => {
    rows.append(blank.content.cloneNode(true));
    return dress(rows.lastElementChild);
  };
  const freeRow = () => allRows().find(isEmpty) || addRow();
  const keepOneBlank = () => { if (!rows.lastElementChild || !isEmpty(rows.lastElementChild)) addRow(); number(); };

  // What a code stands for

  const ask = async (code) => {
    const answer = await fetch(`${form.dataset.lookup}?code=${encodeURIComponent(code)}`, { headers: { Accept: "application/json" } });
    return answer.json();
  };
  const lookUp = (code) => ask(code).catch(async () => {  // once more: a stall's line drops for moments
    await new Promise((later) => setTimeout(later, 500));
    return ask(code);
  });
  const fill = (row, values) => {  // never what is being typed in just now
    for (const [name, value] of Object.entries(values)) {
      const cell = field(row, name);
      if (value && !cell.value && cell !== document.activeElement) cell.value = value;
    }
  };
  const lotsInStock = (product) => [...document.querySelectorAll(`#lots option[data-goods="${product}"]`)];
  const describe = (row, facts) => {
    row.querySelector("[data-name]").textContent = [facts.name, facts.pack_size].filter(Boolean).join(" ");
    row.dataset.loose = facts.kind === "prepacked" ? "" : "yes";
    fill(row, { unit: facts.unit_name, price: facts.price });
    if (hasLot(row)) return;
    const code = field(row, "code").value;
    const before = writtenRows().filter((other) => other !== row && field(other, "code").value === code && hasLot(other)).pop();
    const lots = lotsInStock(facts.product);
    if (before) fill(row, Object.fromEntries(["lot", "made", "until"].map((name) => [name, field(before, name).value])));
    else if (lots.length === 1) fill(row, { lot: lots[0].value, made: lots[0].dataset.made, until: lots[0].dataset.until });
  };
  const resolve = async (row) => {
    const code = field(row, "code").value.trim();
    const { found } = code ? await lookUp(code).catch(() => ({})) : {};
    if (found && field(row, "code").value.trim() === code) { describe(row, found); touch(); }
  };
  const hasLot = (row) => Boolean(field(row, "lot").value.trim() || field(row, "made").value.trim());
  const lacksLot = (row) => Boolean(field(row, "code").value) && !hasLot(row) && !row.dataset.loose;

  // The scanner: a code and Enter adds a line; *12, #lot and /date speak of the last one; Enter alone goes on

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
  const MARKS = { "*": "quantity", "#": "lot", "/": "made" };
  const amend = (name, value) => {
    const row = writtenRows().pop();
    if (!row) return;
    field(row, name).value = value;
    touch();
    say(`${field(row, name).getAttribute("aria-label")}: ${value}`, true);
  };
  const add = async (code) => {
    const row = freeRow();  // in the form at once: a slow answer loses nothing, and the next scan may come
    field(row, "code").value = code;
    field(row, "quantity").value = "1";
    row.classList.add("flash");
    touch();
    const answer = await lookUp(code).catch(() => null);
    if (answer?.found) { describe(row, answer.found); touch(); say(row.querySelector("[data-name]").textContent, true); }
    else if (answer) say(answer.refusal || `${code} ?`, false);
  };
  const goOn = () => {
    const row = allRows().find(lacksLot);
    goTo(row ? field(row, "lot") : form.querySelector("[value='review']"));
  };
  scan.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const text = scan.value.trim().normalize("NFKC");
    scan.value = "";
    if (!text) goOn();
    else if (MARKS[text[0]]) amend(MARKS[text[0]], text.slice(1).trim());
    else add(text);
  });

  // The keyboard: Enter goes on to the next field; from the lot of a line that has all else, to the next lot

  const after = (row, name) => {
    if (["lot", "made"].includes(name) && hasLot(row) && field(row, "quantity").value) {
      const next = allRows().find(lacksLot);
      return next ? field(next, "lot") : scan;
    }
    const at = names.indexOf(name);
    return names[at + 1] ? field(row, names[at + 1]) : field(row.nextElementSibling || addRow(), "code");
  };
  const isEnter = (event) => event.key === "Enter" && !event.isComposing && event.target.tagName === "INPUT";
  rows.addEventListener("keydown", (event) => {
    if (!isEnter(event)) return;
    event.preventDefault();
    goTo(after(event.target.closest("tr"), event.target.name));
  });
  rows.addEventListener("change", (event) => { if (event.target.name === "code") resolve(event.target.closest("tr")); });
  form.querySelector(".invoice-head").addEventListener("keydown", (event) => {
    if (!isEnter(event)) return;
    event.preventDefault();
    const heads = [...form.querySelectorAll(".invoice-head input")];
    goTo(heads[heads.indexOf(event.target) + 1] || scan);
  });

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
  const save = () => {
    clearTimeout(timer);
    if (!saving && kept !== changed && !form.dataset.leaving && (form.elements.partner.value.trim() || writtenRows().length)) {
      const now = changed;
      saving = send(now)
        .catch(() => { unreachable = true; saved.textContent = form.dataset.unsaved; })
        .finally(() => { saving = null; if (unreachable || changed !== now) timer = setTimeout(save, 2 * SAVE_AFTER); });
    }
    return saving;
  };
  const touch = () => {
    changed += 1;
    form.dataset.kept = false;
    keepOneBlank();
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  };
  form.addEventListener("input", (event) => { if (event.target !== scan) touch(); });
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

  const known = new Map([...document.querySelectorAll("#goods option")].map((option) => [option.value, option.textContent]));
  for (const row of allRows()) {
    row.querySelector("[data-name]").textContent = known.get(field(row, "code").value) || "";
    if (isEmpty(row)) row.remove(); else dress(row);
  }
  while (allRows().length < writtenRows().length + (matchMedia("(max-width: 768px)").matches ? 1 : 3)) addRow();
  number();
  document.querySelector("[data-scan]").hidden = false;
  if (!form.querySelector(".is-invalid")) (form.elements.partner.value ? scan : form.elements.partner).focus();
})();
