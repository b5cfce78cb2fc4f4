// The invoice grid: typed with a scanner and Enter alone, saved by itself, nothing lost.
(() => {
  const form = document.getElementById("invoice");
  if (!form) return;
  const rows = document.getElementById("rows");
  const blank = document.getElementById("blank-row");
  const scan = document.getElementById("scan");
  const scanSaid = document.getElementById("scan-said");
  const count = document.getElementById("count");
  const LOT = ["lot", "made", "until"];
  const names = ["code", "lot", "made", "until", "quantity", "unit", "price"];
  const field = (row, name) => row.querySelector(`[name="${name}"]`);
  const isEmpty = (row) => names.every((name) => !field(row, name).value.trim());
  const goTo = (element) => { element.focus(); element.select?.(); };
  const allRows = () => [...rows.querySelectorAll("tr")];
  const writtenRows = () => allRows().filter((row) => !isEmpty(row));

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
    const asked = new URLSearchParams({ code, partner: form.elements.partner.value, side: form.dataset.side });
    const answer = await fetch(`${form.dataset.scanAddress}?${asked}`, { headers: { Accept: "application/json" } });
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
  const describe = (row, { found: facts, last }) => {
    row.querySelector("[data-name]").textContent = [facts.name, facts.pack_size].filter(Boolean).join(" ");
    row.dataset.loose = facts.kind === "prepacked" ? "" : "yes";
    fill(row, { unit: facts.unit_name, price: facts.price });
    for (const name of LOT) field(row, name).placeholder = last[name] || "";
    if (hasLot(row)) return;
    const code = field(row, "code").value;
    const before = writtenRows().filter((other) => other !== row && field(other, "code").value === code && hasLot(other)).pop();
    const lots = lotsInStock(facts.product);
    if (before) fill(row, Object.fromEntries(LOT.map((name) => [name, field(before, name).value])));
    else if (lots.length === 1) fill(row, { lot: lots[0].value, made: lots[0].dataset.made, until: lots[0].dataset.until });
  };
  const resolve = async (row) => {
    const code = field(row, "code").value.trim();
    const answer = code ? await lookUp(code).catch(() => null) : null;
    if (answer?.found && field(row, "code").value.trim() === code) { describe(row, answer); touch(); }
  };
  const hasLot = (row) => Boolean(field(row, "lot").value.trim() || field(row, "made").value.trim());
  const lacksLot = (row) => Boolean(field(row, "code").value) && !hasLot(row) && !row.dataset.loose;

  // The scanner: a code fills a line, the same lot again adds to it; *12, #lot and /date speak of the last one

  const say = (words, good) => form.dispatchEvent(new CustomEvent("told", { detail: { words, good } }));
  const MARKS = { "*": "quantity", "#": "lot", "/": "made" };
  const waiting = new Set();
  let last = null, times = "";
  const amend = (name, value) => {
    const row = last?.isConnected ? last : writtenRows().pop();
    if (!row) { times = name === "quantity" ? value : ""; return; }  // said before the first scan
    field(row, name).value = value;
    touch();
    say(`${field(row, name).getAttribute("aria-label")}: ${value}`, true);
  };
  const sum = (one, other) => String(Math.round((Number(one) + Number(other)) * 1000) / 1000);
  const sameLot = (row, { code, lot }) => lot && writtenRows().find((other) => other !== row && field(other, "code").value === code && field(other, "lot").value === lot && Number(field(other, "quantity").value));
  const settle = (row, hint, answer) => {  // into the line it belongs to; another one's goods or lot are left alone
    const { fill: facts } = answer, isHints = hint?.isConnected && hint !== row && field(hint, "code").value === facts.code && !hasLot(hint);
    const target = isHints ? hint : sameLot(row, facts), typed = field(row, "quantity").value;
    const quantity = row.dataset.times || (typed && typed !== "1" ? typed : facts.quantity || "1");
    if (target) {
      const there = field(target, "quantity");
      there.value = isHints ? there.value || quantity : sum(there.value, quantity);
      if (last === row) last = target;
      row.remove();
    } else {
      field(row, "code").value = facts.code;
      field(row, "quantity").value = quantity;
    }
    const settled = target || row;
    for (const name of LOT) if (facts[name] && !field(settled, name).value) field(settled, name).value = facts[name];
    settled.classList.remove("flash");
    void settled.offsetWidth;  // begins the flash anew
    settled.classList.add("flash");
    describe(settled, answer);
    return settled;
  };
  const tellOf = (row, answer) => {
    const words = [row.querySelector("[data-name]").textContent, field(row, "lot").value].filter(Boolean).join(" · ");
    const asks = !lacksLot(row) ? [] : [answer.last.lot ? `${form.dataset.proposal} ${answer.last.lot}` : form.dataset.lotless];
    say([`${words} × ${field(row, "quantity").value}`, ...asks, ...answer.remarks].join(" — "), !answer.remarks.length);
  };
  const add = (code, hint = null, quantity = "") => {
    const here = hint && !field(hint, "code").value.trim() && !hasLot(hint) ? hint : null;
    const row = here || freeRow();  // in the form at once: a slow answer loses nothing, and the next scan may come
    field(row, "code").value = code;
    row.dataset.times = quantity || times;
    times = "";
    field(row, "quantity").value ||= row.dataset.times || "1";
    last = row;
    row.classList.add("flash");
    touch();
    const asked = lookUp(code).catch(() => null).then((answer) => {
      if (answer?.found && row.isConnected) { const settled = settle(row, hint, answer); touch(); tellOf(settled, answer); return settled; }
      if (answer) say([answer.refusal || `${code} ?`, ...answer.remarks].join(" "), false);
      return row;
    }).finally(() => waiting.delete(asked));
    waiting.add(asked);
    return asked;
  };
  const goOn = async () => {  // a code still being asked about may bring its lot along; nobody waits for others
    const isAsked = (row) => waiting.size && field(row, "code").value.length > 20;
    let row = allRows().find((other) => lacksLot(other) && !isAsked(other));
    if (!row && waiting.size) {
      await Promise.allSettled(waiting);
      row = allRows().find(lacksLot);
    }
    goTo(row ? field(row, "lot") : form.querySelector("[value='review']"));
  };
  form.addEventListener("scan-entered", ({ detail: { text, burst } }) => {
    text = text.trim().normalize("NFKC");
    const times = text.match(/^(\d{1,6}(?:\.\d{1,3})?)\*(\S{8,})$/), fast = burst.trim().normalize("NFKC");
    if (!text) goOn();
    else if (times) add(times[2], null, times[1]);
    else if (fast && text[0] === "*" && text !== fast && text.endsWith(fast)) add(fast, null, text.slice(1, -fast.length));
    else if (MARKS[text[0]]) amend(MARKS[text[0]], text.slice(1).trim());
    else add(text);
  });
  form.addEventListener("scanned", async ({ detail: { field: aimed, text } }) => {
    const hint = aimed?.closest("#rows tr");
    const asked = add(text.trim().normalize("NFKC"), hint);
    if (!aimed) return;
    scan.focus();  // the next scan may come at once
    const row = await asked;
    if (aimed.name === "code" && document.activeElement === scan && !scan.value && lacksLot(row)) goTo(field(row, "lot"));
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
    const row = event.target.closest("tr"), { name } = event.target;
    if (name === "lot" && !hasLot(row) && event.target.placeholder) {  // the proposed lot, taken by Enter alone
      for (const part of LOT) field(row, part).value ||= field(row, part).placeholder;
      touch();
    }
    goTo(after(row, name));
  });
  rows.addEventListener("change", (event) => { if (event.target.name === "code") resolve(event.target.closest("tr")); });
  const complete = (input) => {  // a piece of the name or its initials, where only one partner has it
    const piece = input.value.trim().toLowerCase(), options = [...input.list.options];
    const meant = options.filter((option) => option.value.toLowerCase().includes(piece) || option.dataset.initials.startsWith(piece));
    if (piece && meant.length === 1 && meant[0].value.split(" (")[0] !== input.value.trim()) { input.value = meant[0].value; touch(); }
  };
  form.querySelector(".invoice-head").addEventListener("keydown", (event) => {
    if (!isEnter(event)) return;
    event.preventDefault();
    if (event.target.name === "partner") complete(event.target);
    const heads = [...form.querySelectorAll(".invoice-head input")];
    goTo(heads[heads.indexOf(event.target) + 1] || scan);
  });

  // Saving by itself

  const touch = window.keepDraft(form, {
    isWritten: () => form.elements.partner.value.trim() || writtenRows().length,
    changing: keepOneBlank,
    settled: () => Promise.allSettled(waiting),
  });
  form.addEventListener("input", (event) => { if (event.target.name) touch(); });
  form.elements.partner.addEventListener("change", (event) => complete(event.target));

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
