/* The view itself: filters and list on the left, the text in the middle, what was read on the right. */
{
  const {element, count, percent} = vanbanView;
  const UNSURE = 0.8;  // marks of a lower score have a dashed line

  const KEYS = [
    ["n  or  j", "next entity"], ["p  or  k", "previous entity"], ["]  or  N", "next document"],
    ["[  or  P", "previous document"], ["/", "search"], ["Enter", "next place that was found (in the search)"],
    ["t", "light or dark"], ["Esc", "leave the search, or this help"], ["?", "this help"],
  ];

  /** Return the dialog that says which keys there are. */
  vanbanView.help = (keys, notes) => {
    const close = element("button", {type: "button", class: "vb-button"}, "Close");
    const dialog = element(
      "dialog", {class: "vb-help", "aria-labelledby": "vb-help-title"}, element("h2", {id: "vb-help-title"}, "Keys"),
      element("dl", {class: "vb-keys"}, keys.map(([key, what]) => element(
        "div", {}, element("dt", {}, key.split("  or  ").map((one, i) => [i ? " or " : "", element("kbd", {}, one)]).flat()),
        element("dd", {}, what),
      ))),
      notes.map((note) => element("p", {}, note)), close,
    );
    close.addEventListener("click", () => dialog.close());
    return dialog;
  };

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
      embedded ? "div" : "header", {class: "vb-bar"},
      !embedded && element("a", {class: "vb-skip", href: "#vb-text"}, "Skip to the text"),
      element(embedded ? "strong" : "h1", {class: "vb-name"}, title), status, buttons,
    );
    return {element: bar, say: (text) => {
      if (status.textContent !== text) status.textContent = text;
    }};
  };

  const pageOf = (record, start) => {
    const pages = (record.source || {}).pages || [];
    const number = pages.findIndex(([first, last]) => first <= start && start < last);
    return number < 0 ? null : number + 1;
  };

  const typesOf = (record) => {
    const scores = Object.entries(record.doc_type_scores || {}).slice(0, 3);
    if (!scores.length) return null;
    return element("section", {}, element("h3", {}, "Type"), element("dl", {class: "vb-types"}, scores.map(([type, score]) => {
      const bar = element("meter", {min: "0", max: "1", value: score, "aria-label": `probability of ${vanbanView.typeName(type)}`});
      return element("div", {}, element("dt", {lang: "vi"}, vanbanView.typeName(type)), element("dd", {}, bar, percent(score)));
    })));
  };

  /** Return the heading of a document: its title, its id, its type and how much there is of it. */
  const headOf = (record, summary) => {
    const type = vanbanView.typeOf(summary);
    const parts = [
      summary.id && element("bdi", {class: "vb-id"}, summary.id),
      type && element("span", {}, element("span", {class: "vb-type", lang: "vi"}, type), summary.score === null ? "" : ` ${percent(summary.score)}`),
      count(Array.from(record.text).length, "character", "characters"),
      record.model && element("span", {class: "vb-model"}, record.model),
    ];
    return element(
      "div", {class: "vb-head"}, element("h2", {lang: "vi"}, element("bdi", {}, summary.title || summary.id)),
      element("p", {class: "vb-about"}, parts.filter(Boolean)),
    );
  };

  /** Show records that are at hand. */
  vanbanView.show = (parent, records, options = {}) => {
    const summaries = records.map(vanbanView.summary);
    return vanbanView.open(parent, summaries, (i) => records[i], options);
  };

  /** Show documents whose records are read one by one: `read(i)` returns a record. */
  vanbanView.open = (parent, summaries, read, options = {}) => {
    parent.vanbanStop?.();
    const {embedded = false, title = "vanban report", place = null, keys = true} = options;
    const many = summaries.length > 1;
    const links = [];
    if (place) {
      links.push(element("a", {class: "vb-button", href: place.root + place.index}, "All documents"));
    }
    let [current, record, hits, marks, chosen, hit] = [-1, null, [], [], -1, -1];

    const text = element("article", {id: "vb-text", class: "vb-text", tabindex: "-1", lang: "vi", "aria-label": "Text of the document"});
    const head = element("div", {});
    const main = element(embedded ? "section" : "main", {class: "vb-main", "aria-label": "Document"}, head, text);
    const about = element("section", {class: "vb-entity", "aria-live": "off"});
    const whole = element("div", {});
    const facts = element("aside", {class: "vb-aside", "aria-label": "What was read"}, about, whole);
    const filters = vanbanView.filters(summaries, (i) => (read(i) || {}).text, () => refresh());
    const list = many && vanbanView.list(summaries, (i) => `#${i + 1}`, (i, event) => {
      event.preventDefault();
      show(i);
      text.focus({preventScroll: true});
    });
    const help = vanbanView.help(KEYS, [
      "A dashed line: the score is below 80 %. Signs such as ⟨200B⟩ stand for characters that can't be seen.",
      "The search takes no heed of diacritics: ha noi finds Hà Nội, and so does HÀ NỘI.",
    ]);
    const theme = vanbanView.themeSwitch();
    const helpButton = element("button", {type: "button", class: "vb-button", "aria-label": "Help: keys", title: "Keys (?)"}, "?");
    helpButton.addEventListener("click", () => help.showModal());
    const bar = vanbanView.bar(title, embedded, [...links, theme, helpButton]);
    const side = element("div", {class: "vb-side"}, filters.element, list && list.element);
    const box = element("div", {class: `vb${embedded ? " vb-embedded" : ""}${many ? "" : " vb-one"}`}, bar.element, side, main, facts, help);
    parent.replaceChildren(box);

    // ---- the text

    const markOf = (entity, number) => {
      const label = filters.labels;
      const score = entity.score ?? 1;
      const mark = element("mark", {
        class: `vb-mark ${vanbanView.hue(entity.label, label)}${score < UNSURE ? " vb-unsure" : ""}`,
        role: "button", tabindex: "-1", "data-label": entity.label, "data-number": number,
        "aria-label": `${entity.label}: ${vanbanView.oneLine(entity.text)}${score < 1 ? `, ${percent(score)}` : ""}`,
      });
      marks.push(mark);
      return mark;
    };
    const render = () => {
      marks = [];
      const units = vanbanView.unitsOf(record.text);
      const spans = (record.entities || []).map((entity, number) => ({entity, number})).filter(({entity}) => filters.passes(entity))
        .map(({entity, number}) => ({start: units(entity.start), end: units(entity.end), mark: () => markOf(entity, number)}));
      hits = vanbanView.find(record.text, filters.state.query);
      hit = -1;
      const held = document.activeElement?.closest?.(".vb-mark")?.dataset.number;
      text.replaceChildren();
      vanbanView.putMarked(text, record.text, spans, hits);
      if (!record.text) text.append(element("p", {class: "vb-none", lang: "en"}, "This document is empty."));
      if (!marks.some((mark) => Number(mark.dataset.number) === chosen)) choose(-1);
      else choose(chosen, held !== undefined);
      if (chosen < 0 && marks.length) marks[0].tabIndex = 0;
    };

    // ---- what was read

    const choose = (number, focus = false) => {
      chosen = number;
      for (const mark of marks) {
        const is = Number(mark.dataset.number) === number;
        mark.tabIndex = is ? 0 : -1;
        if (is) mark.setAttribute("aria-current", "true");
        else mark.removeAttribute("aria-current");
        if (is && focus) mark.focus();
      }
      const entity = (record.entities || [])[number];
      about.replaceChildren(element("h3", {}, "Entity"));
      if (!entity) {
        about.append(element("p", {class: "vb-quiet"}, (record.entities || []).length ? "Choose one in the text, or press n." : "None was found."));
        return;
      }
      const page = pageOf(record, entity.start);
      const surface = element("blockquote", {class: vanbanView.hue(entity.label, filters.labels), lang: "vi"});
      vanbanView.putText(surface, vanbanView.oneLine(entity.text));
      about.append(...[
        surface,
        element("p", {class: "vb-about"}, [
          element("span", {class: `vb-chip ${vanbanView.hue(entity.label, filters.labels)}`}, entity.label),
          element("span", {}, percent(entity.score ?? 1)),
          element("span", {}, `${entity.start}–${entity.end}`),
          page && element("span", {}, `page ${page}`),
        ].filter(Boolean)),
        entity.value && vanbanView.facts(entity.value), vanbanView.json(entity),
      ].filter(Boolean));
    };
    const step = (by) => {
      if (!marks.length) return;
      const at = marks.findIndex((mark) => Number(mark.dataset.number) === chosen);
      const next = at < 0 ? (by > 0 ? 0 : marks.length - 1) : (at + by + marks.length) % marks.length;
      reveal(marks[next]);
      choose(Number(marks[next].dataset.number), true);
    };
    const reveal = (mark) => mark.scrollIntoView({block: "center", behavior: "instant"});

    /** The entities of the document, each once, with how often it is there. */
    const entitiesOf = () => {
      const section = element("section", {}, element("h3", {}, "Entities"));
      for (const label of filters.labels) {
        const same = new Map();
        (record.entities || []).forEach((entity, number) => {
          if (entity.label !== label) return;
          const surface = vanbanView.oneLine(entity.text);
          same.set(surface, [...(same.get(surface) || []), number]);
        });
        if (!same.size) continue;
        const total = [...same.values()].reduce((sum, numbers) => sum + numbers.length, 0);
        section.append(element("details", {open: same.size <= 12}, element(
          "summary", {}, element("span", {class: `vb-chip ${vanbanView.hue(label, filters.labels)}`}, label), ` ${total}`,
        ), element("ul", {class: "vb-same"}, [...same].map(([surface, numbers]) => {
          const button = element("button", {type: "button", lang: "vi"}, element("bdi", {}, surface), numbers.length > 1 && ` ×${numbers.length}`);
          button.addEventListener("click", () => {
            const next = numbers[(numbers.indexOf(chosen) + 1) % numbers.length];
            const mark = marks.find((one) => Number(one.dataset.number) === next);
            if (!mark) return;
            reveal(mark);
            choose(next);
          });
          return element("li", {}, button);
        }))));
      }
      return section.children.length > 1 ? section : null;
    };

    const show = (i) => {
      if (i < 0 || i >= summaries.length) return;
      [current, chosen] = [i, -1];
      record = read(i);
      head.replaceChildren(headOf(record, summaries[i]));
      whole.replaceChildren(...[
        record.record && element("section", {}, element("h3", {}, "Document"), vanbanView.facts(record.record), vanbanView.json(record.record)),
        typesOf(record), entitiesOf(),
      ].filter(Boolean));
      render();
      main.scrollTop = facts.scrollTop = 0;
      list && list.mark(i);
      if (!embedded && many) history.replaceState(null, "", `#${i + 1}`);
      say();
    };

    // ---- filters

    let passing = {documents: [], entities: []};
    const say = () => {
      const total = passing.entities.reduce((sum, number) => sum + number, 0);
      const parts = [count(total, "entity", "entities")];
      if (many) parts.unshift(`${passing.documents.length.toLocaleString("en")} of ${count(summaries.length, "document", "documents")}`);
      if (filters.state.query.trim()) parts.push(`${count(hits.length, "place", "places")} in this text`);
      bar.say(parts.join(" · "));
    };
    const refresh = () => {
      passing = filters.chosen();
      list && list.show(passing.documents, passing.entities);
      if (record) render();
      list && list.mark(current);
      say();
    };
    const stepHit = (back) => {
      const places = [...text.querySelectorAll(".vb-hit")];
      if (!places.length) return;
      for (const one of places) one.classList.remove("vb-now");
      hit = hit < 0 ? (back ? places.length - 1 : 0) : (hit + (back ? -1 : 1) + places.length) % places.length;
      places[hit].classList.add("vb-now");
      reveal(places[hit]);
    };
    const turn = (by) => {
      if (place) {
        const next = vanbanView.order[vanbanView.order.indexOf(place.path) + by];
        if (next !== undefined && vanbanView.order.includes(place.path)) location.href = place.root + next;
        return;
      }
      const at = passing.documents.indexOf(current);
      const next = at >= 0 ? passing.documents[at + by] : passing.documents.find((i) => i > current);
      if (next !== undefined) show(next);
    };

    const actions = {
      n: () => step(1), j: () => step(1), p: () => step(-1), k: () => step(-1),
      "]": () => turn(1), N: () => turn(1), "[": () => turn(-1), P: () => turn(-1),
      "/": () => filters.search.focus(), t: () => theme.click(), "?": () => help.showModal(), Enter: stepHit,
    };
    text.addEventListener("click", (event) => {
      const mark = event.target.closest(".vb-mark");
      if (mark) choose(Number(mark.dataset.number), true);
    });
    text.addEventListener("keydown", (event) => {
      const mark = event.target.closest(".vb-mark");
      if (mark && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        choose(Number(mark.dataset.number), true);
      }
    });
    const stop = keys ? vanbanView.keys(actions, filters.search, help) : () => {};
    parent.vanbanStop = stop;

    refresh();
    const wanted = Number(location.hash.slice(1)) - 1;
    if (summaries.length) show(!embedded && many && wanted >= 0 && wanted < summaries.length ? wanted : 0);
    else text.append(element("p", {class: "vb-none", lang: "en"}, "No document is in this report."));
    return {open: show, next: () => step(1), previous: () => step(-1), stop};
  };

  /** Show the list of documents that have pages of their own. */
  vanbanView.index = (parent, summaries, title = "vanban report") => {
    const filters = vanbanView.filters(summaries, () => null, () => refresh());
    const list = vanbanView.list(summaries, (i) => summaries[i].href, () => {});
    const help = vanbanView.help(KEYS.filter(([key]) => ["/", "t", "?"].includes(key)), [
      "The search looks at names, titles, types and entities, and takes no heed of diacritics.",
    ]);
    const theme = vanbanView.themeSwitch();
    const helpButton = element("button", {type: "button", class: "vb-button", "aria-label": "Help: keys", title: "Keys (?)"}, "?");
    helpButton.addEventListener("click", () => help.showModal());
    const bar = vanbanView.bar(title, false, [theme, helpButton]);
    const main = element("main", {id: "vb-text", class: "vb-main", tabindex: "-1", "aria-label": "Documents"}, list.element);
    parent.replaceChildren(element("div", {class: "vb vb-index"}, bar.element, element("div", {class: "vb-side"}, filters.element), main, help));
    const refresh = () => {
      const {documents, entities} = filters.chosen();
      list.show(documents, entities);
      const total = entities.reduce((sum, number) => sum + number, 0);
      bar.say(`${documents.length.toLocaleString("en")} of ${count(summaries.length, "document", "documents")} · ${count(total, "entity", "entities")}`);
    };
    vanbanView.keys({"/": () => filters.search.focus(), t: () => theme.click(), "?": () => help.showModal()}, filters.search, help);
    refresh();
  };

  /** Show what the data blocks of this page hold: an index, a comparison, or documents. */
  vanbanView.start = (parent) => {
    const blocks = (kind) => [...document.querySelectorAll(`script[data-kind="${kind}"]`)];
    const data = (kind) => blocks(kind).map((block) => JSON.parse(block.textContent))[0];
    const title = document.title;
    if (blocks("index").length) return vanbanView.index(parent, data("index"), title);
    const records = blocks("record");
    const read = (i) => JSON.parse(records[i].textContent);
    if (blocks("comparison").length) return vanbanView.compare(parent, data("comparison"), read, title);
    if (blocks("page").length) return vanbanView.open(parent, [data("summary")], read, {place: data("page")});
    return vanbanView.open(parent, data("summaries"), read, {title});
  };
}
