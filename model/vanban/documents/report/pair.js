/* What is told of a pair of annotations of one text, and of one difference between them. */
{
  const {element, count, percent} = vanbanView;

  /** Return the classes of a kind of error, which has its colour. */
  vanbanView.kindClass = (kind) => `vb-kind vb-${kind.replace(/ /g, "-")}`;

  /** Return the name of a document type, which may be missing. */
  vanbanView.typeOrNone = (type) => (type ? vanbanView.typeName(type) : "none");

  const typeOf = (type) => element("span", {class: "vb-type", lang: "vi"}, vanbanView.typeOrNone(type));

  /** Return the head of a pair: its title, types, and how many spans and errors. */
  vanbanView.headOfPair = (record, summary) => {
    const [gold, found] = record.types;
    return element(
      "div",
      {class: "vb-head"},
      element("h2", {lang: "vi"}, element("bdi", {}, summary.title || summary.id)),
      element(
        "p",
        {class: "vb-about"},
        element("bdi", {class: "vb-id"}, String(record.id)),
        (gold || found) &&
          (gold === found ? typeOf(gold) : element("span", {}, "type ", typeOf(gold), ", found ", typeOf(found))),
        element("span", {}, count(record.gold.length, "span", "spans")),
        element("span", {}, count(record.differences.length, "error", "errors")),
      ),
    );
  };

  const spanOf = (record, name, span, labels) => {
    const units = vanbanView.unitsOf(record.text);
    const hue = vanbanView.hue(span.label, labels);
    const surface = element("blockquote", {class: hue, lang: "vi"});
    vanbanView.putText(surface, vanbanView.oneLine(record.text.slice(units(span.start), units(span.end))));
    return element(
      "div",
      {class: "vb-told"},
      element(
        "p",
        {class: "vb-about"},
        element("span", {}, name),
        element("span", {class: `vb-chip ${hue}`}, span.label),
        element("span", {}, `${span.start}–${span.end}`),
        span.score !== undefined && span.score < 1 && element("span", {}, percent(span.score)),
      ),
      surface,
    );
  };

  /** Return what is told of one difference: its kind, which one it is `here`, and its spans on both sides. */
  vanbanView.errorCard = (record, one, here, labels) => [
    element(
      "p",
      {class: "vb-about"},
      element("strong", {class: vanbanView.kindClass(one.kind)}, one.kind),
      element("span", {}, here),
    ),
    ...(one.gold === null ? [] : [spanOf(record, "gold", record.gold[one.gold], labels)]),
    ...one.found.map((i) => spanOf(record, "found", record.found[i], labels)),
  ];
}
