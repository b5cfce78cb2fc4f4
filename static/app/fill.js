// A licence number or barcode fills in what is known of it; fields that already hold something are left alone.
(() => {
  const said = document.querySelector("[data-fill]");
  const source = said && document.querySelector(`[name="${said.dataset.fill}"]`);
  if (!source) return;
  const fill = (facts) => {
    for (const [name, value] of Object.entries(facts)) {
      const field = source.form.elements[name];
      if (field && field !== source && !field.value && value !== null) field.value = value;
    }
  };
  const ask = async () => {
    if (!source.value.trim()) return;
    const address = `${said.dataset.address}?${said.dataset.query}=${encodeURIComponent(source.value)}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).then((reply) => reply.json()).catch(() => null);
    if (!answer) return;
    const facts = Array.isArray(answer.found) ? answer.found[0] : answer.found;
    if (facts) fill(facts);
    said.textContent = facts ? said.dataset.known : answer.refusal || said.dataset.unknown;
  };
  source.addEventListener("change", ask);
  source.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); ask(); }  // a scanner ends with Enter: stay on the form
  });
})();
