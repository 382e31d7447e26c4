/* The view itself: filters and list on the left, the text in the middle, what was read on the right. */
{
  const {element, count, percent} = vanbanView;
  const UNSURE = 0.8; // marks of a lower score have a dashed line

  vanbanView.viewKeys = vanbanView.keyNames("entity", "", true);

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

    const text = element("article", {
      id: "vb-text",
      class: "vb-text",
      tabindex: "-1",
      lang: "vi",
      "aria-label": "Text of the document",
    });
    const head = element("div", {});
    const main = element(embedded ? "section" : "main", {class: "vb-main", "aria-label": "Document"}, head, text);
    const about = element("section", {class: "vb-entity", "aria-live": "off"});
    const whole = element("div", {});
    const facts = element("aside", {class: "vb-aside", "aria-label": "What was read"}, about, whole);
    const filters = vanbanView.filters(
      summaries,
      (i) => (read(i) || {}).text,
      () => refresh(),
    );
    const list =
      many &&
      vanbanView.list(
        summaries,
        (i) => `#${i + 1}`,
        (i, event) => {
          event.preventDefault();
          show(i);
          text.focus({preventScroll: true});
        },
      );
    const help = vanbanView.help(vanbanView.viewKeys, [
      "A dashed line: the score is below 80 %. Signs such as ⟨200B⟩ stand for characters that can't be seen.",
      "The search takes no heed of diacritics: ha noi finds Hà Nội, and so does HÀ NỘI.",
    ]);
    const theme = vanbanView.themeSwitch();
    const bar = vanbanView.bar(title, embedded, [...links, theme, vanbanView.helpButton(help)]);
    const side = element("div", {class: "vb-side"}, filters.element, list && list.element);
    const box = element(
      "div",
      {class: `vb${embedded ? " vb-embedded" : ""}${many ? "" : " vb-one"}`},
      bar.element,
      side,
      main,
      facts,
      help,
    );
    parent.replaceChildren(box);

    // ---- the text

    const markOf = (entity, number) => {
      const label = filters.labels;
      const score = entity.score ?? 1;
      const mark = element("mark", {
        class: `vb-mark ${vanbanView.hue(entity.label, label)}${score < UNSURE ? " vb-unsure" : ""}`,
        role: "button",
        tabindex: "-1",
        "data-label": entity.label,
        "data-number": number,
        "aria-label": `${entity.label}: ${vanbanView.oneLine(entity.text)}${score < 1 ? `, ${percent(score)}` : ""}`,
      });
      marks.push(mark);
      return mark;
    };
    const render = () => {
      marks = [];
      const units = vanbanView.unitsOf(record.text);
      const spans = (record.entities || [])
        .map((entity, number) => ({entity, number}))
        .filter(({entity}) => filters.passes(entity))
        .map(({entity, number}) => ({
          start: units(entity.start),
          end: units(entity.end),
          mark: () => markOf(entity, number),
        }));
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
        about.append(
          element(
            "p",
            {class: "vb-quiet"},
            (record.entities || []).length ? "Choose one in the text, or press n." : "None was found.",
          ),
        );
        return;
      }
      about.append(...vanbanView.entityCard(record, entity, filters.labels));
    };
    const step = (by) => {
      if (!marks.length) return;
      const at = marks.findIndex((mark) => Number(mark.dataset.number) === chosen);
      const next = at < 0 ? (by > 0 ? 0 : marks.length - 1) : (at + by + marks.length) % marks.length;
      reveal(marks[next]);
      choose(Number(marks[next].dataset.number), true);
    };
    const go = (number) => {
      const mark = marks.find((one) => Number(one.dataset.number) === number);
      if (!mark) return; // the filters leave it out
      reveal(mark);
      choose(number);
    };
    const reveal = (mark) => mark.scrollIntoView({block: "center", behavior: "instant"});

    const show = (i) => {
      if (i < 0 || i >= summaries.length) return;
      [current, chosen] = [i, -1];
      record = read(i);
      head.replaceChildren(vanbanView.headOf(record, summaries[i]));
      whole.replaceChildren(
        ...[
          record.record &&
            element(
              "section",
              {},
              element("h3", {}, "Document"),
              vanbanView.facts(record.record),
              vanbanView.json(record.record),
            ),
          vanbanView.typesOf(record),
          vanbanView.entitiesOf(record, filters.labels, () => chosen, go),
        ].filter(Boolean),
      );
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
      if (many)
        parts.unshift(
          `${passing.documents.length.toLocaleString("en")} of ${count(summaries.length, "document", "documents")}`,
        );
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

    const actions = {...vanbanView.keyActions(step, turn, filters.search, theme, help), Enter: stepHit};
    vanbanView.heedMarks(text, ".vb-mark", (number) => choose(number, true));
    const stop = keys ? vanbanView.keys(actions, filters.search, help) : () => {};
    parent.vanbanStop = stop;

    refresh();
    const wanted = Number(location.hash.slice(1)) - 1;
    if (summaries.length) show(!embedded && many && wanted >= 0 && wanted < summaries.length ? wanted : 0);
    else text.append(element("p", {class: "vb-none", lang: "en"}, "No document is in this report."));
    return {open: show, next: () => step(1), previous: () => step(-1), stop};
  };
}
