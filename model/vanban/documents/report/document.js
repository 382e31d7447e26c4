/* What is said of a document beside its text: its heading, its type, one entity, and all of them. */
{
  const {element, count, percent} = vanbanView;

  /** Return the number of the page on which something begins, or null where pages are not known. */
  const pageOf = (record, start) => {
    const pages = (record.source || {}).pages || [];
    const number = pages.findIndex(([first, last]) => first <= start && start < last);
    return number < 0 ? null : number + 1;
  };

  /** Return the three likeliest types of a document, or null where no classifier was asked. */
  vanbanView.typesOf = (record) => {
    const scores = Object.entries(record.doc_type_scores || {}).slice(0, 3);
    if (!scores.length) return null;
    return element(
      "section",
      {},
      element("h3", {}, "Type"),
      element(
        "dl",
        {class: "vb-types"},
        scores.map(([type, score]) => {
          const bar = element("meter", {
            min: "0",
            max: "1",
            value: score,
            "aria-label": `probability of ${vanbanView.typeName(type)}`,
          });
          return element(
            "div",
            {},
            element("dt", {lang: "vi"}, vanbanView.typeName(type)),
            element("dd", {}, bar, percent(score)),
          );
        }),
      ),
    );
  };

  /** Return the heading of a document: its title, its id, its type and how much there is of it. */
  vanbanView.headOf = (record, summary) => {
    const type = vanbanView.typeOf(summary);
    const parts = [
      summary.id && element("bdi", {class: "vb-id"}, summary.id),
      type &&
        element(
          "span",
          {},
          element("span", {class: "vb-type", lang: "vi"}, type),
          summary.score === null ? "" : ` ${percent(summary.score)}`,
        ),
      count(Array.from(record.text).length, "character", "characters"),
      record.model && element("span", {class: "vb-model"}, record.model),
    ];
    return element(
      "div",
      {class: "vb-head"},
      element("h2", {lang: "vi"}, element("bdi", {}, summary.title || summary.id)),
      element("p", {class: "vb-about"}, parts.filter(Boolean)),
    );
  };

  /** Return what is known of one entity. */
  vanbanView.entityCard = (record, entity, labels) => {
    const page = pageOf(record, entity.start);
    const surface = element("blockquote", {class: vanbanView.hue(entity.label, labels), lang: "vi"});
    vanbanView.putText(surface, vanbanView.oneLine(entity.text));
    return [
      surface,
      element(
        "p",
        {class: "vb-about"},
        [
          element("span", {class: `vb-chip ${vanbanView.hue(entity.label, labels)}`}, entity.label),
          element("span", {}, percent(entity.score ?? 1)),
          element("span", {}, `${entity.start}–${entity.end}`),
          page && element("span", {}, `page ${page}`),
        ].filter(Boolean),
      ),
      entity.value && vanbanView.facts(entity.value),
      vanbanView.json(entity),
    ].filter(Boolean);
  };

  /** Return the entities of a document, each once with how often it is there, or null where there is none.

      `go(number)` is called with the next of those that are the same; `chosen()` says which is chosen. */
  vanbanView.entitiesOf = (record, labels, chosen, go) => {
    const section = element("section", {}, element("h3", {}, "Entities"));
    for (const label of labels) {
      const same = new Map();
      (record.entities || []).forEach((entity, number) => {
        if (entity.label !== label) return;
        const surface = vanbanView.oneLine(entity.text);
        if (!same.has(surface)) same.set(surface, []);
        same.get(surface).push(number);
      });
      if (!same.size) continue;
      const total = [...same.values()].reduce((sum, numbers) => sum + numbers.length, 0);
      section.append(
        element(
          "details",
          {open: same.size <= 12},
          element(
            "summary",
            {},
            element("span", {class: `vb-chip ${vanbanView.hue(label, labels)}`}, label),
            ` ${total}`,
          ),
          element(
            "ul",
            {class: "vb-same"},
            [...same].map(([surface, numbers]) => {
              const button = element(
                "button",
                {type: "button", lang: "vi"},
                element("bdi", {}, surface),
                numbers.length > 1 && ` ×${numbers.length}`,
              );
              button.addEventListener("click", () => {
                go(numbers[(numbers.indexOf(chosen()) + 1) % numbers.length]);
              });
              return element("li", {}, button);
            }),
          ),
        ),
      );
    }
    return section.children.length > 1 ? section : null;
  };
}
