/* Two annotations of the same text side by side: what is right stays quiet, errors stand out and are gone through. */
{
  const {element, count} = vanbanView;
  const MANY = ["error", "errors"];

  const labelName = (label) => label || "none";

  /** Show a comparison: `data` is what stands in its block, `read(i)` returns the record of a pair. */
  vanbanView.compare = (parent, data, read, title) => {
    const {summaries} = data;
    const kinds = Object.keys(data.kinds);
    let cell = null; // the labels [gold, found] to which errors are narrowed
    let [current, record, marks, chosen, passing] = [-1, null, new Map(), -1, {documents: [], entities: []}];

    const filters = vanbanView.filters(
      summaries,
      (i) => read(i).text,
      () => refresh(),
      {
        names: kinds,
        classOf: vanbanView.kindClass,
        also: ([, , gold, found]) => !cell || (cell[0] === gold && cell[1] === found),
      },
    );
    const list = vanbanView.list(
      summaries,
      (i) => `#${i + 1}`,
      (i, event) => {
        event.preventDefault();
        show(i);
      },
      MANY,
    );
    const help = vanbanView.help(vanbanView.keyNames("error", ", also of the next document", false), [
      "A span is right when its label, its start and its end are. Missed: annotated, and nothing found there. False: found where nothing is annotated. Wrong edge: the same label, overlapping. Wrong label: another label, on the span or overlapping.",
    ]);
    const theme = vanbanView.themeSwitch();
    const back = element("button", {type: "button", class: "vb-button"}, "‹ error");
    const on = element("button", {type: "button", class: "vb-button"}, "error ›");
    back.addEventListener("click", () => step(-1));
    on.addEventListener("click", () => step(1));
    back.setAttribute("aria-label", "Previous error (p)");
    on.setAttribute("aria-label", "Next error (n)");
    const bar = vanbanView.bar(title, false, [back, on, theme, vanbanView.helpButton(help)]);

    const head = element("div", {});
    const body = element("tbody", {});
    const both = element(
      "table",
      {id: "vb-text", class: "vb-both", tabindex: "-1", lang: "vi"},
      element(
        "caption",
        {class: "vb-unseen", lang: "en"},
        "The text with its annotated spans, and with those that were predicted",
      ),
      element(
        "thead",
        {lang: "en"},
        element(
          "tr",
          {},
          ["Gold", "Predicted"].map((side, i) =>
            element("th", {scope: "col"}, side, element("small", {}, element("bdi", {}, data.names[i]))),
          ),
        ),
      ),
      body,
    );
    const main = element("main", {class: "vb-main", "aria-label": "Document"}, head, both);
    const about = element("section", {class: "vb-entity", "aria-live": "polite"});
    const narrowed = element("p", {class: "vb-narrowed", hidden: true});
    const cells = new Map();
    const confusion = vanbanView.crossed(
      "Labels",
      data.confusion,
      [...data.labels, ""],
      labelName,
      (gold, found, number) => {
        const name = `${labelName(gold)} found as ${labelName(found)}: ${number}`;
        const button = element(
          "button",
          {type: "button", "aria-pressed": "false", "aria-label": name, title: `${name}. Show these errors`},
          number.toLocaleString("en"),
        );
        button.addEventListener("click", () =>
          narrow(cell && cell[0] === gold && cell[1] === found ? null : [gold, found]),
        );
        cells.set(`${gold}\u0000${found}`, button);
        return button;
      },
      "vb-confusion",
    );
    const types = [...new Set(data.types.flatMap(([gold, found]) => [gold, found]))].filter(Boolean);
    if (data.types.some(([, found]) => !found)) types.push("");
    const unmatched = [
      ["only in gold", data.only[0]],
      ["only in predicted", data.only[1]],
      ["not compared", data.failed],
    ]
      .filter(([, ids]) => ids.length)
      .map(([name, ids]) =>
        element(
          "details",
          {},
          element("summary", {}, `${count(ids.length, "document", "documents")} ${name}`),
          element(
            "ul",
            {},
            ids.map((id) => element("li", {}, element("bdi", {}, id))),
          ),
        ),
      );
    const facts = element(
      "aside",
      {class: "vb-aside", "aria-label": "Errors and scores"},
      about,
      element("section", {}, element("h3", {}, "Scores"), vanbanView.scores(data)),
      element(
        "section",
        {},
        element("h3", {}, "Confusion"),
        confusion,
        narrowed,
        element("p", {class: "vb-quiet"}, "On the diagonal: right, or wrong at an edge."),
      ),
      data.types.length > 0 &&
        element(
          "section",
          {},
          element("h3", {}, "Types"),
          vanbanView.crossed(
            "Types of documents",
            data.types,
            types,
            vanbanView.typeOrNone,
            (gold, found, number) => number.toLocaleString("en"),
            "vb-confusion vb-types-table",
          ),
        ),
      unmatched.length > 0 && element("section", {}, element("h3", {}, "Left out"), unmatched),
    );
    parent.replaceChildren(
      element(
        "div",
        {class: "vb vb-compare"},
        bar.element,
        element("div", {class: "vb-side"}, filters.element, list.element),
        main,
        facts,
        help,
      ),
    );

    // ---- the text, twice

    const rowOf = (one) => [one.kind, 1, ...one.labels];
    const shown = () =>
      record.differences
        .map((one, number) => number)
        .filter((number) => filters.passesRow(rowOf(record.differences[number])));
    const render = () => {
      marks = new Map();
      const units = vanbanView.unitsOf(record.text);
      const errorOf = {gold: new Map(), found: new Map()};
      record.differences.forEach((one, number) => {
        if (!filters.passesRow(rowOf(one))) return;
        if (one.gold !== null) errorOf.gold.set(one.gold, number);
        for (const found of one.found) if (!errorOf.found.has(found)) errorOf.found.set(found, number);
      });
      const sides = ["gold", "found"].map((side) =>
        record[side].map((span, i) => ({
          start: units(span.start),
          end: units(span.end),
          mark: () => markOf(side, span, record.text.slice(units(span.start), units(span.end)), errorOf[side].get(i)),
        })),
      );
      const hits = vanbanView.find(record.text, filters.state.query);
      body.replaceChildren();
      for (const [start, end] of vanbanView.stretches(record.text, sides.flat())) {
        const row = element("tr", {});
        for (const spans of sides) {
          const part = element("td", {});
          const inside = spans.filter((span) => span.start >= start && span.end <= end);
          vanbanView.putMarked(part, record.text, inside, hits, start, record.text[end - 1] === "\n" ? end - 1 : end);
          row.append(part);
        }
        body.append(row);
      }
      if (!record.text)
        body.append(
          element("tr", {}, element("td", {colspan: "2", class: "vb-none", lang: "en"}, "This document is empty.")),
        );
      choose(marks.has(chosen) ? chosen : -1);
    };
    const markOf = (side, span, surface, number) => {
      const hue = vanbanView.hue(span.label, data.labels);
      if (number === undefined) return element("mark", {class: `vb-mark vb-right ${hue}`, title: span.label});
      const {kind} = record.differences[number];
      const mark = element("mark", {
        class: `vb-mark vb-error ${hue} ${vanbanView.kindClass(kind)}`,
        role: "button",
        tabindex: "-1",
        "data-label": span.label,
        "data-number": number,
        "aria-label": `${kind}, ${side === "gold" ? "annotated" : "predicted"} ${span.label}: ${vanbanView.oneLine(surface)}`,
      });
      marks.set(number, [...(marks.get(number) || []), mark]);
      return mark;
    };

    // ---- one error

    const choose = (number, focus = false) => {
      for (const mark of [...marks.values()].flat()) {
        mark.tabIndex = -1;
        mark.removeAttribute("aria-current");
      }
      chosen = number;
      const first = marks.get(number >= 0 ? number : [...marks.keys()].sort((a, b) => a - b)[0]);
      if (first) first[0].tabIndex = 0;
      about.replaceChildren(element("h3", {}, "Error"));
      if (number < 0) {
        about.append(
          element(
            "p",
            {class: "vb-quiet"},
            marks.size ? "Choose one in the text, or press n." : "This document has none that is shown.",
          ),
        );
        return;
      }
      const one = record.differences[number];
      for (const mark of marks.get(number)) mark.setAttribute("aria-current", "true");
      if (focus) marks.get(number)[0].focus({preventScroll: true});
      const place = shown();
      const here = `${place.indexOf(number) + 1} of ${place.length} here`;
      about.append(...vanbanView.errorCard(record, one, here, data.labels));
    };
    const step = (by) => {
      const here = record ? shown() : [];
      const at = here.indexOf(chosen);
      let next = at < 0 ? here[by > 0 ? 0 : here.length - 1] : here[at + by];
      if (next === undefined) {
        const place = passing.documents.indexOf(current);
        const others = passing.documents.map((i, n) => [i, passing.entities[n]]);
        const behind = by > 0 ? others.slice(place + 1) : others.slice(0, Math.max(0, place)).reverse();
        const other = behind.find(([, errors]) => errors > 0);
        if (!other) return bar.say(by > 0 ? "That was the last error." : "That was the first error.");
        show(other[0]);
        next = shown()[by > 0 ? 0 : shown().length - 1];
      }
      choose(next, true);
      marks.get(next)[0].scrollIntoView({block: "center", behavior: "instant"});
      say();
    };
    const turn = (by) => {
      const next = passing.documents[passing.documents.indexOf(current) + by];
      if (next !== undefined) show(next);
    };
    const show = (i) => {
      [current, chosen, record] = [i, -1, read(i)];
      head.replaceChildren(vanbanView.headOfPair(record, summaries[i]));
      render();
      main.scrollTop = 0;
      list.mark(i);
      history.replaceState(null, "", `#${i + 1}`);
      say();
    };

    // ---- what is shown

    const say = () => {
      const total = passing.entities.reduce((sum, number) => sum + number, 0);
      bar.say(
        `${passing.documents.length.toLocaleString("en")} of ${count(summaries.length, "document", "documents")} · ${count(total, ...MANY)}`,
      );
    };
    const refresh = () => {
      passing = filters.chosen(cell !== null);
      list.show(passing.documents, passing.entities);
      if (record) render();
      list.mark(current);
      say();
    };
    const narrow = (labels) => {
      cell = labels;
      for (const [key, button] of cells)
        button.setAttribute("aria-pressed", String(labels !== null && key === labels.join("\u0000")));
      narrowed.hidden = labels === null;
      if (labels)
        narrowed.textContent = `Only errors of ${labelName(labels[0])} found as ${labelName(labels[1])}; again to show all.`;
      refresh();
    };
    vanbanView.heedMarks(both, ".vb-error", (number) => choose(number, true));
    vanbanView.keys(vanbanView.keyActions(step, turn, filters.search, theme, help), filters.search, help);
    refresh();
    const wanted = Number(location.hash.slice(1)) - 1;
    show(wanted >= 0 && wanted < summaries.length ? wanted : 0);
  };
}
