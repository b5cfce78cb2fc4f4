// What the number of a certificate tells of itself, while it is typed.
const box = document.getElementById("number-hints");
const [number, kind, holder] = ["number", "kind", "holder"].map((name) => document.querySelector(`[name="${name}"]`));
let asked = 0, timer;

const look = async () => {
  const turn = ++asked;
  const query = new URLSearchParams({ number: number.value, kind: kind.value, holder: holder?.value ?? "" });
  const answer = await fetch(`${box.dataset.address}?${query}`).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const { findings } = await answer.json();
  box.replaceChildren(...findings.map(({ tone, sentence }) => {
    const line = document.createElement("p");
    line.className = `state state-${tone}`;
    line.textContent = sentence;
    return line;
  }));
  box.hidden = !findings.length;
};
const soon = () => { clearTimeout(timer); timer = setTimeout(look, 300); };

if (box && number && kind) {
  number.closest(".field").append(box);
  for (const field of [number, kind, holder]) field?.addEventListener("input", soon);
  if (number.value) soon();
}
