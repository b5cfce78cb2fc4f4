// The camera and photos as scanners: each code they read becomes a `scanned` event of the form, like a scanner's keys.
(() => {
  const form = document.querySelector("form[data-scan-address]");
  const opener = document.getElementById("camera-open");
  const dialog = document.getElementById("camera");
  const photo = document.getElementById("photo");
  if (!form || !photo) return;
  const EVERY = 150;           // milliseconds between two looks
  const AGAIN_AFTER = 2500;    // the same code held before the camera counts once
  const SIDE = 960;            // pixels are enough, and a cheap phone keeps up
  const FORMATS = ["code_128", "data_matrix", "ean_13", "ean_8", "itf", "qr_code", "upc_a", "upc_e"];
  const tell = (text) => form.dispatchEvent(new CustomEvent("scanned", { detail: { field: null, text } }));
  const say = (words, good) => form.dispatchEvent(new CustomEvent("told", { detail: { words, good } }));

  // Reading a picture: by the browser itself where it can, else by a library that is fetched only now

  const byBrowser = async () => {
    const can = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
    if (!FORMATS.every((format) => can.includes(format))) return null;
    const detector = new BarcodeDetector({ formats: FORMATS });
    return async (canvas) => (await detector.detect(canvas)).map((code) => code.rawValue);
  };
  const quietly = (work) => {  // the library complains in the console of every reader that sees nothing
    const { warn } = console;
    console.warn = () => {};
    try { return work(); } finally { console.warn = warn; }
  };
  const fetched = (address) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address; script.onload = done; script.onerror = failed;
    document.head.append(script);
  });
  const byLibrary = async () => {
    if (!window.ZXing) await fetched(dialog.dataset.library);
    const { ZXing } = window, kinds = FORMATS.map((format) => ZXing.BarcodeFormat[format.toUpperCase()]);
    const reader = new ZXing.MultiFormatReader();
    reader.setHints(new Map([[ZXing.DecodeHintType.POSSIBLE_FORMATS, kinds], [ZXing.DecodeHintType.TRY_HARDER, true], [ZXing.DecodeHintType.ASSUME_GS1, true]]));
    return async (canvas) => {
      try {
        return [quietly(() => reader.decodeWithState(new ZXing.BinaryBitmap(new ZXing.HybridBinarizer(new ZXing.HTMLCanvasElementLuminanceSource(canvas))))).getText()];
      } catch { return []; }  // no code in this picture
    };
  };

  const send = async (picture) => {  // the server looks for the codes of a picture; words say why there are none
    const body = new FormData();
    body.append("photo", picture, picture.name || "camera.jpg");
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    say(photo.dataset.reading, true);
    const reply = await fetch(photo.dataset.address, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const answer = await reply?.json().catch(() => null);
    if (!answer?.codes) say(answer?.refusal || photo.dataset.failed, false);
    return answer?.codes || [];
  };

  // The camera: looks again and again until it is closed

  const video = dialog.querySelector("video"), list = dialog.querySelector("ol"), torch = dialog.querySelector("[data-torch]"), help = dialog.querySelector("[data-ask]");
  const canvas = document.createElement("canvas"), seen = new Map();
  let stream = null, look = null;
  const remember = (text) => {
    const last = seen.get(text) ?? -Infinity, now = performance.now();
    seen.set(text, now);
    if (now - last < AGAIN_AFTER) return;
    const line = document.createElement("li");
    line.textContent = text.replace(/^\][A-Za-z]\d/, "").replaceAll("\u001d", " ");
    list.prepend(line);
    navigator.vibrate?.(60);
    tell(text);
  };
  const watch = async () => {
    if (!stream) return;
    const shrink = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight, 1));
    if (video.videoWidth) {
      canvas.width = Math.round(video.videoWidth * shrink); canvas.height = Math.round(video.videoHeight * shrink);
      canvas.getContext("2d", { willReadFrequently: true }).drawImage(video, 0, 0, canvas.width, canvas.height);
      help.disabled = false;
      for (const text of await look(canvas).catch(() => [])) remember(text);
    }
    setTimeout(watch, EVERY);
  };
  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    seen.clear();
  };
  const open = async () => {
    list.replaceChildren();
    help.disabled = true;
    dialog.showModal();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      video.srcObject = stream;
      torch.hidden = !stream.getVideoTracks()[0].getCapabilities?.().torch;
      look ||= await byBrowser() || await byLibrary();
      await video.play();
      if (dialog.open) watch(); else close();
    } catch {
      dialog.close();
      say(dialog.dataset.refused, false);
    }
  };
  help.addEventListener("click", () => {  // what the browser cannot read, the server may
    canvas.toBlob((picture) => send(picture).then((codes) => codes.forEach(remember)), "image/jpeg", 0.9);
  });
  torch.addEventListener("click", () => {
    const lit = torch.getAttribute("aria-pressed") !== "true";
    torch.setAttribute("aria-pressed", lit);
    stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: lit }] }).catch(() => {});
  });
  form.addEventListener("told", ({ detail: { words } }) => { dialog.querySelector("[data-said]").textContent = words; });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", close);
  if (navigator.mediaDevices?.getUserMedia) {
    opener.hidden = false;
    opener.addEventListener("click", open);
  }

  photo.addEventListener("change", async () => {
    const [file] = photo.files;
    if (file) (await send(file)).forEach(tell);
    photo.value = "";
  });
})();
