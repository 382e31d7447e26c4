/* Pages of their own: the index of a folder, and what is opened by the data that a page holds. */
{
  const {element, count} = vanbanView;

  /** Show the list of documents that have pages of their own. */
  vanbanView.index = (parent, summaries, title = "vanban report") => {
    const filters = vanbanView.filters(
      summaries,
      () => null,
      () => refresh(),
    );
    const list = vanbanView.list(
      summaries,
      (i) => summaries[i].href,
      () => {},
    );
    const help = vanbanView.help(
      vanbanView.viewKeys.filter(([key]) => ["/", "t", "?"].includes(key)),
      ["The search looks at names, titles, types and entities, and takes no heed of diacritics."],
    );
    const theme = vanbanView.themeSwitch();
    const bar = vanbanView.bar(title, false, [theme, vanbanView.helpButton(help)]);
    const main = element(
      "main",
      {id: "vb-text", class: "vb-main", tabindex: "-1", "aria-label": "Documents"},
      list.element,
    );
    parent.replaceChildren(
      element(
        "div",
        {class: "vb vb-index"},
        bar.element,
        element("div", {class: "vb-side"}, filters.element),
        main,
        help,
      ),
    );
    const refresh = () => {
      const {documents, entities} = filters.chosen();
      list.show(documents, entities);
      const total = entities.reduce((sum, number) => sum + number, 0);
      bar.say(
        `${documents.length.toLocaleString("en")} of ${count(summaries.length, "document", "documents")} · ${count(total, "entity", "entities")}`,
      );
    };
    vanbanView.keys(
      {"/": () => filters.search.focus(), t: () => theme.click(), "?": () => help.showModal()},
      filters.search,
      help,
    );
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
