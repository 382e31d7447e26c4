/* The list of documents: a part of it stands in the page, and grows when its end comes into sight. */
{
  const {element} = vanbanView;
  const ROWS = 200;

  /** Return how a list calls the type of a document; a question mark stands behind one that is not probable enough. */
  vanbanView.typeOf = ({type, likeliest}) => {
    if (type) return vanbanView.typeName(type);
    return likeliest ? `${vanbanView.typeName(likeliest)}?` : null;
  };

  /** Return {element, show(documents, numbers), mark(i)}: numbers of documents and what each has of what is counted.

      `linkOf(i)` is where a row leads; `opened(i, event)` is called when it is followed. */
  vanbanView.list = (summaries, linkOf, opened, noun = ["entity", "entities"]) => {
    const list = element("ol", {class: "vb-list"});
    const more = element("button", {type: "button", class: "vb-button vb-more", hidden: true});
    const box = element("nav", {class: "vb-documents", "aria-label": "Documents"}, list, more);
    let [documents, numbers, current] = [[], [], -1];

    const row = (place) => {
      const i = documents[place];
      const summary = summaries[i];
      const type = vanbanView.typeOf(summary);
      const number = numbers[place];
      const link = element(
        "a",
        {href: linkOf(i), "data-document": i, "aria-current": i === current ? "true" : null},
        element("span", {class: "vb-title", lang: "vi"}, element("bdi", {}, summary.title || summary.id)),
        element(
          "span",
          {class: "vb-number", "aria-label": vanbanView.count(number, ...noun)},
          number.toLocaleString("en"),
        ),
        element(
          "span",
          {class: "vb-about"},
          type && element("span", {class: "vb-type", lang: "vi"}, type),
          element("span", {class: "vb-id"}, element("bdi", {dir: "ltr"}, summary.id)), // its end is seen, not its start
        ),
      );
      return element("li", {}, link);
    };
    const grow = () => {
      const from = list.children.length;
      const rows = [];
      for (let place = from; place < Math.min(from + ROWS, documents.length); place++) rows.push(row(place));
      list.append(...rows);
      const left = documents.length - list.children.length;
      more.hidden = left === 0;
      more.textContent = `${Math.min(ROWS, left).toLocaleString("en")} more of ${left.toLocaleString("en")}`;
    };
    more.addEventListener("click", grow);
    new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) grow();
    }).observe(more);
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-document]");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) opened(Number(link.dataset.document), event);
    });

    return {
      element: box,
      show(someDocuments, someNumbers) {
        [documents, numbers] = [someDocuments, someNumbers];
        list.replaceChildren();
        grow();
        if (!documents.length) list.append(element("li", {class: "vb-none"}, "No document has this."));
      },
      mark(i) {
        current = i;
        for (const link of list.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
        while (!more.hidden && documents.indexOf(i) >= list.children.length) grow();
        const link = list.querySelector(`a[data-document="${i}"]`);
        if (!link) return;
        link.setAttribute("aria-current", "true");
        const [inside, around] = [link.getBoundingClientRect(), box.getBoundingClientRect()];
        if (inside.top < around.top || inside.bottom > around.bottom) box.scrollTop += inside.top - around.top - 40;
      },
    };
  };
}
