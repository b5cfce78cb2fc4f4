// A draft that saves itself while it is typed, and is kept before anything is gone on with; used by the forms of papers.
window.keepDraft = (form, { isWritten, changing, settled = () => null }) => {
  const SAVE_AFTER = 1200;
  const saved = document.getElementById("saved");
  let changed = 0, kept = 0, saving = null, timer = null, unreachable = false, address = location.pathname;

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
    if (!saving && kept !== changed && !form.dataset.leaving && isWritten()) {
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
    changing();
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  };
  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
  addEventListener("online", save);
  addEventListener("beforeunload", (event) => { if (kept !== changed && !form.dataset.leaving) event.preventDefault(); });
  form.addEventListener("submit", async (event) => {
    if (form.dataset.leaving) return;
    event.preventDefault();  // first kept, then gone on with: without a connection the page stays as it is
    const button = event.submitter;
    await settled();
    await saving;
    await save();
    if (unreachable && kept !== changed) return;
    form.dataset.leaving = "yes";
    setTimeout(() => form.requestSubmit(button));  // not while this very event is still being told around
  });
  addEventListener("pageshow", (event) => {  // come back to by the back button, the draft has moved on
    if (event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward") location.reload();
  });
  return touch;
};
