/* What stands around every view: the bar at the top, the keyboard, and the help that says which keys there are. */
{
  const {element} = vanbanView;

  /** Return the dialog that says which keys there are. */
  vanbanView.help = (keys, notes) => {
    const close = element("button", {type: "button", class: "vb-button"}, "Close");
    const dialog = element(
      "dialog",
      {class: "vb-help", "aria-labelledby": "vb-help-title"},
      element("h2", {id: "vb-help-title"}, "Keys"),
      element(
        "dl",
        {class: "vb-keys"},
        keys.map(([key, what]) =>
          element(
            "div",
            {},
            element(
              "dt",
              {},
              key
                .split("  or  ")
                .map((one, i) => [i ? " or " : "", element("kbd", {}, one)])
                .flat(),
            ),
            element("dd", {}, what),
          ),
        ),
      ),
      notes.map((note) => element("p", {}, note)),
      close,
    );
    close.addEventListener("click", () => dialog.close());
    return dialog;
  };

  /** Return the keys of a view for its help: n and p go through `what`, also `across` documents, Enter through `hits`. */
  vanbanView.keyNames = (what, across, hits) => [
    ["n  or  j", `next ${what}${across}`],
    ["p  or  k", `previous ${what}`],
    ["]  or  N", "next document"],
    ["[  or  P", "previous document"],
    ["/", "search"],
    ...(hits ? [["Enter", "next place that was found (in the search)"]] : []),
    ["t", "light or dark"],
    ["Esc", "leave the search, or this help"],
    ["?", "this help"],
  ];

  /** Return what these keys do: `step` goes by so many marks, `turn` by so many documents. */
  vanbanView.keyActions = (step, turn, search, theme, help) => ({
    n: () => step(1),
    j: () => step(1),
    p: () => step(-1),
    k: () => step(-1),
    "]": () => turn(1),
    N: () => turn(1),
    "[": () => turn(-1),
    P: () => turn(-1),
    "/": () => search.focus(),
    t: () => theme.click(),
    "?": () => help.showModal(),
  });

  /** Call what a key stands for, in a page where nothing is being written; returns what lets go of the keyboard. */
  vanbanView.keys = (actions, search, dialog) => {
    const heard = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (dialog.open) return;
      if (event.target.closest("input[type=search], input[type=text], textarea, select, [contenteditable]")) {
        if (event.target !== search) return;
        if (event.key === "Escape") {
          if (search.value) {
            search.value = "";
            search.dispatchEvent(new Event("input"));
          } else search.blur();
        } else if (event.key === "Enter") actions.Enter?.(event.shiftKey);
        else return;
      } else if (Object.hasOwn(actions, event.key) && event.key !== "Enter") actions[event.key]();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", heard);
    return () => document.removeEventListener("keydown", heard);
  };

  /** Return the bar at the top: {element, say(text)}; what is said is told by screen readers, too. */
  vanbanView.bar = (title, embedded, buttons) => {
    const status = element("p", {class: "vb-status", role: "status", "aria-live": "polite"});
    const bar = element(
      embedded ? "div" : "header",
      {class: "vb-bar"},
      !embedded && element("a", {class: "vb-skip", href: "#vb-text"}, "Skip to the text"),
      element(embedded ? "strong" : "h1", {class: "vb-name"}, title),
      status,
      buttons,
    );
    return {
      element: bar,
      say: (text) => {
        if (status.textContent !== text) status.textContent = text;
      },
    };
  };

  /** Return the button that opens the help. */
  vanbanView.helpButton = (dialog) => {
    const button = element(
      "button",
      {type: "button", class: "vb-button", "aria-label": "Help: keys", title: "Keys (?)"},
      "?",
    );
    button.addEventListener("click", () => dialog.showModal());
    return button;
  };
}
