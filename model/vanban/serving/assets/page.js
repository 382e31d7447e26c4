"use strict";
// What is pasted goes to /predict, a file to /documents; the view shows the records.
(() => {
  const by = (id) => document.getElementById(id);
  const status = by("status");
  let latest = 0; // an answer that comes after a later question is not shown

  function say(message, isError) {
    status.textContent = message;
    status.classList.toggle("error", Boolean(isError));
  }

  async function ask(path, options) {
    const token = by("token").value.trim();
    const headers = { ...options.headers };
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(path, { method: "POST", ...options, headers });
    if (answer.status === 401) {
      by("token-row").hidden = false;
      by("token").focus();
      throw new Error(
        token ? "Mã truy cập không đúng · The access code is not right" : "Cần mã truy cập · An access code is needed"
      );
    }
    const found = await answer.json().catch(() => ({ error: `status ${answer.status}` }));
    if (!answer.ok) throw new Error(found.error);
    return found;
  }

  async function read(question) {
    const mine = ++latest;
    say("…");
    try {
      const { records, failures } = await question();
      if (mine !== latest) return;
      vanbanView.show(by("view"), records, { embedded: true, title: "" });
      say(failures.map((failure) => `${failure.where}: ${failure.reason}`).join("\n"), failures.length);
    } catch (error) {
      if (mine === latest) say(error.message, true);
    }
  }

  function readText(text) {
    const body = JSON.stringify({ text });
    return read(async () => {
      const found = await ask("predict", { body, headers: { "Content-Type": "application/json" } });
      return { records: [{ id: "–", text, ...found }], failures: [] };
    });
  }

  function readFile(file) {
    const body = new FormData();
    body.append("file", file);
    return read(async () => {
      const found = await ask("documents", { body });
      return { records: found.documents, failures: found.failures };
    });
  }

  by("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    readText(by("text").value);
  });
  by("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) by("ask").requestSubmit();
  });
  by("file").addEventListener("change", () => {
    if (by("file").files.length) readFile(by("file").files[0]);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    const [file] = event.dataTransfer.files;
    const text = event.dataTransfer.getData("text/plain");
    if (file) readFile(file);
    else if (text) {
      by("text").value = text;
      readText(text);
    }
  });
})();
