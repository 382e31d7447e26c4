/* What is shown: labels, least score, type, and a search that knows no diacritics. */
{
  const {element, fold} = vanbanView;
  const SLICE = 12; // milliseconds of searching texts at a time, so that the page stays responsive
  const PAUSE = 120; // after a key, before it is searched
  const NO_TYPE = "\u0000";

  /** Return the search field; `wanted` is called with its text, after a pause. */
  vanbanView.searchField = (label, hint, wanted) => {
    const input = element("input", {
      type: "search",
      class: "vb-search",
      "aria-label": label,
      placeholder: hint,
      spellcheck: "false",
      autocomplete: "off",
    });
    let timer = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => wanted(input.value), PAUSE);
    });
    return input;
  };

  /** Return a group of switches, one for each name, all on; `changed` is called after each click. */
  vanbanView.switches = (title, names, classOf, off, changed) => {
    const buttons = new Map();
    for (const name of names) {
      const number = element("span", {class: "vb-number"});
      const button = element(
        "button",
        {type: "button", class: `vb-switch ${classOf(name)}`, "aria-pressed": "true"},
        element("span", {class: "vb-name"}, name),
        number,
      );
      button.addEventListener("click", () => {
        if (!off.delete(name)) off.add(name);
        button.setAttribute("aria-pressed", String(!off.has(name)));
        changed();
      });
      buttons.set(name, {button, number});
    }
    const group = element(
      "div",
      {class: "vb-switches", role: "group", "aria-label": title},
      [...buttons.values()].map(({button}) => button),
    );
    return {
      element: group,
      say: (name, number) => {
        buttons.get(name).number.textContent = number.toLocaleString("en");
      },
    };
  };

  /** Return the filters of documents: {element, state, search, passes, chosen, refresh}.

      `textOf(i)` returns the text of a document, or null where it is not at hand. `changed` is called when something
      else is to be shown: then `chosen()` is what passes, as {documents: [numbers], entities: [of each document]}.
      A comparison has kinds of errors in the place of labels: `names`, their classes, and what else must hold. */
  vanbanView.filters = (summaries, textOf, changed, {names, classOf, also = () => true} = {}) => {
    const labels = names || vanbanView.labelsOf(summaries);
    const state = {query: "", type: "", off: new Set(), score: 0};
    const many = summaries.length > 1;

    const types = new Map();
    for (const {type} of summaries) types.set(type || NO_TYPE, (types.get(type || NO_TYPE) || 0) + 1);
    const byNumber = [...types].sort((a, b) => b[1] - a[1]);
    const select = element(
      "select",
      {"aria-label": "Type of document"},
      element("option", {value: ""}, "all types"),
      byNumber.map(([type, number]) =>
        element(
          "option",
          {value: type},
          `${type === NO_TYPE ? "no type" : vanbanView.typeName(type)} (${number.toLocaleString("en")})`,
        ),
      ),
    );
    select.addEventListener("change", () => {
      state.type = select.value;
      changed();
    });

    const said = element("span", {class: "vb-said"}, "0 %");
    const slider = element("input", {
      type: "range",
      min: "0",
      max: "100",
      step: "1",
      value: "0",
      "aria-label": "Least score, in percent",
    });
    slider.addEventListener("input", () => {
      state.score = Number(slider.value) / 100;
      said.textContent = `${slider.value} %`;
      changed();
    });
    const scored = summaries.some((summary) => summary.entities.some((entity) => entity[1] < 1));

    const switches = vanbanView.switches(
      names ? "Kinds of errors" : "Labels",
      labels,
      classOf || ((label) => vanbanView.hue(label, labels)),
      state.off,
      () => changed(),
    );
    const search = vanbanView.searchField(
      many ? "Search in the documents, without diacritics" : "Search in the text, without diacritics",
      "Search  /",
      (query) => {
        state.query = query;
        found.clear();
        changed();
        searchTexts();
      },
    );

    // ---- the search: ids, titles, types and entities at once, texts in slices of time

    const folded = [];
    const foldedOf = (i) => {
      const {id, title, type, texts: found} = summaries[i];
      const name = type ? vanbanView.typeName(type) : "";
      // nothing that is searched for goes over from one into the next
      return (folded[i] ??= fold([id, title, name, found].join("\n").replaceAll("\n", "\u0000")));
    };
    const foldAhead = (from) => {
      const end = performance.now() + SLICE;
      let i = from;
      while (i < summaries.length && performance.now() < end) foldedOf(i++);
      if (i < summaries.length) setTimeout(foldAhead, 0, i);
    };
    setTimeout(foldAhead, 0, 0);
    const texts = [];
    const found = new Set(); // documents whose texts have what is searched for
    let searching = 0;
    const searchTexts = () => {
      const run = ++searching;
      const wanted = fold(state.query).trim();
      if (!wanted || !many) return;
      let i = 0;
      let told = performance.now();
      const slice = () => {
        if (run !== searching) return;
        const before = found.size;
        const end = performance.now() + SLICE;
        for (; i < summaries.length && performance.now() < end; i++) {
          if (foldedOf(i).includes(wanted)) continue;
          const text = texts[i] === undefined ? textOf(i) : null;
          if (text !== null && text !== undefined) texts[i] = fold(text);
          if (texts[i] !== undefined && texts[i].includes(wanted)) found.add(i);
        }
        const now = performance.now();
        if ((found.size > before || fresh) && (i >= summaries.length || now - told > 250)) {
          fresh = false;
          told = now;
          changed();
        } else if (found.size > before) fresh = true;
        if (i < summaries.length) setTimeout(slice);
      };
      let fresh = false;
      slice();
    };

    const passes = (entity) => entity[1] >= state.score && !state.off.has(entity[0]) && also(entity);
    const chosen = (isNarrow = false) => {
      const wanted = fold(state.query).trim();
      const narrowed = isNarrow || state.off.size > 0 || state.score > 0;
      const counts = new Map(labels.map((label) => [label, 0]));
      const documents = [];
      const entities = [];
      summaries.forEach((summary, i) => {
        if (state.type && state.type !== (summary.type || NO_TYPE)) return;
        if (many && wanted && !foldedOf(i).includes(wanted) && !found.has(i)) return;
        const passing = summary.entities.filter(passes);
        if (many && narrowed && !passing.length) return;
        documents.push(i);
        entities.push(passing.length);
        for (const entity of summary.entities) {
          if (entity[1] >= state.score && also(entity)) counts.set(entity[0], counts.get(entity[0]) + 1);
        }
      });
      for (const [label, number] of counts) switches.say(label, number);
      return {documents, entities};
    };

    const box = element(
      "form",
      {class: "vb-filters", role: "search", "aria-label": "Filters"},
      search,
      many && types.size > 1 && select,
      labels.length > 0 && switches.element,
      scored && element("label", {class: "vb-score"}, "Score at least ", said, slider),
    );
    box.addEventListener("submit", (event) => event.preventDefault());
    const shows = (entity) => passes([entity.label, entity.score ?? 1]);
    return {element: box, state, search, labels, passes: shows, passesRow: passes, chosen};
  };
}
