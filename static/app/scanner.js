// Tells a scanner from a hand: a burst of keys ended by Enter or Tab becomes one `scanned` event, whatever the field.
(() => {
  const form = document.querySelector("form[data-scan-address]");
  if (!form) return;
  const GAP = 80;      // milliseconds a key, on average; hands are slower, wireless scanners slower than wired ones
  const PAUSE = 300;   // but a busy machine may stumble within one scan
  const LEAST = 8;     // the shortest barcode
  const GS = "\u001d"; // what separates the parts of a GS1 code
  const GS1 = /^(\](C1|d2|Q3|e0|J1|E\d|I1)|(\(\d\d\d?\d?\)[^(]*)*\(0[12]\)\s*\d{14}|(1[1357]\d{6})*0[12]\d{14}|https?:\/\/\S+\/01\/\d{8})/i;
  const said = document.getElementById("scan-said");
  const sound = document.getElementById("sound");
  let burst = null, typed = null, keyedAt = 0;

  const isText = (field) => field.tagName === "INPUT" && !["hidden", "checkbox", "file"].includes(field.type);
  const fits = (digits) => [...digits].reverse().reduce((sum, digit, at) => sum + digit * (at % 2 ? 3 : 1), 0) % 10 === 0;
  const isBarcode = (text) => /^(\d{8}|\d{12,14})$/.test(text) && fits(text) && (text.length === 8 ? text.startsWith("69") : !/^(0?2|04)/.test(text.padStart(13, "0")));
  const isGoods = (field, text) => GS1.test(text) || (field.name !== "paper_number" && (["code", "out_code"].includes(field.name) || isBarcode(text)));
  const tell = (field, text) => form.dispatchEvent(new CustomEvent("scanned", { detail: { field, text } }));

  // Keys are listened to rather than what arrives in the field: a field may be too short for a code. What arrives
  // without keys comes from scanner programs on phones, which put in the whole text at once.
  const note = (field, text, now, before, keyed = true) => {
    if (burst?.field === field && burst.keyed === keyed && now - burst.at <= PAUSE) { burst.text += text; burst.at = now; }
    else burst = { field, text, since: now, at: now, before, keyed };
  };
  form.addEventListener("beforeinput", (event) => { typed = event.target.value; });
  form.addEventListener("input", (event) => {
    if (event.timeStamp - keyedAt <= GAP) return;
    if (event.inputType === "insertText" && event.data) note(event.target, event.data, event.timeStamp, typed, false);
    else burst = null;
  });
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!isText(field) || event.isComposing) return;
    if ((event.ctrlKey && event.key === "]") || event.key === "F8") {  // how scanners type the separator
      event.preventDefault();
      note(field, GS, event.timeStamp, field.value);
      field.setRangeText(GS, field.selectionStart, field.selectionEnd, "end");
      return;
    }
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      keyedAt = event.timeStamp;
      note(field, event.key, keyedAt, field.value);
      return;
    }
    if (event.key !== "Enter" && event.key !== "Tab") return;
    const isFast = burst?.field === field && event.timeStamp - burst.at <= PAUSE && burst.at - burst.since <= GAP * burst.text.length;
    const scanned = isFast && burst.text.length >= LEAST ? burst : null;
    burst = null;
    if (field.id === "scan") {
      if (event.key === "Tab" && !scanned) return;
      form.dispatchEvent(new CustomEvent("scan-entered", { detail: { text: field.value, burst: scanned?.text || "" } }));
      field.value = "";
    } else if (scanned && isGoods(field, scanned.text.normalize("NFKC"))) {
      field.value = scanned.before;
      tell(field, scanned.text);
    } else if (event.key === "Enter" && GS1.test(field.value.trim().normalize("NFKC"))) {
      const { value } = field;
      field.value = "";
      tell(field, value.trim());
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // Sound, colour and words, for success and failure alike

  let speaker = null;
  const beep = (pitch, length) => {
    if (!sound?.checked) return;
    try {
      speaker ||= new AudioContext();
      const tone = speaker.createOscillator();
      tone.frequency.value = pitch; tone.connect(speaker.destination); tone.start(); tone.stop(speaker.currentTime + length);
    } catch { /* a machine without sound */ }
  };
  form.addEventListener("told", ({ detail: { words, good } }) => {
    said.textContent = words;
    said.classList.toggle("scan-good", good);
    said.classList.toggle("scan-bad", !good);
    document.getElementById("scan")?.classList.toggle("buzz", !good);
    if (good) beep(1200, 0.08); else beep(220, 0.3);
  });
  if (sound) {
    const silent = localStorage.getItem("scan-sound") || (matchMedia("(prefers-reduced-motion: reduce)").matches ? "off" : "on");
    sound.checked = silent === "on";
    sound.addEventListener("change", () => localStorage.setItem("scan-sound", sound.checked ? "on" : "off"));
  }
})();
