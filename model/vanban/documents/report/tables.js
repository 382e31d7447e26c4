/* The tables of a comparison: scores by label, and what was found as what. */
{
  const {element} = vanbanView;

  const table = (caption, heads, rows, name) =>
    element(
      "table",
      {class: `vb-table ${name}`},
      element("caption", {}, caption),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          heads.map((head) => element("th", {scope: "col"}, head)),
        ),
      ),
      element("tbody", {}, rows),
    );

  /** Return the table of precision, recall and F1 of each label, and of all. */
  vanbanView.scores = (data) =>
    table(
      "Strict scores",
      ["label", "P", "R", "F1", "gold", "found"],
      data.scores.map((score) =>
        element(
          "tr",
          {class: score.label ? null : "vb-total"},
          element(
            "th",
            {scope: "row"},
            score.label
              ? element("span", {class: `vb-chip ${vanbanView.hue(score.label, data.labels)}`}, score.label)
              : "all",
          ),
          [score.precision, score.recall, score.f1].map((share) => element("td", {}, (100 * share).toFixed(1))),
          [score.gold, score.found].map((number) => element("td", {}, number.toLocaleString("en"))),
        ),
      ),
      "vb-scores",
    );

  /** Return a table of pairs [gold, predicted, number]; `cell` makes what stands in a cell that is not empty. */
  vanbanView.crossed = (caption, pairs, names, rowOf, cell, name) => {
    const numbers = new Map(pairs.map(([gold, found, number]) => [`${gold}\u0000${found}`, number]));
    const box = table(
      caption,
      [element("span", {class: "vb-corner"}, "gold ↓  found →"), ...names.map(rowOf)],
      names.map((gold) =>
        element(
          "tr",
          {},
          element("th", {scope: "row"}, rowOf(gold)),
          names.map((found) => {
            const number = numbers.get(`${gold}\u0000${found}`);
            return element(
              "td",
              {class: gold === found ? "vb-same-label" : number ? "vb-other-label" : null},
              number ? cell(gold, found, number) : "",
            );
          }),
        ),
      ),
      name,
    );
    return element("div", {class: "vb-wide", tabindex: "0", role: "region", "aria-label": caption}, box);
  };
}
