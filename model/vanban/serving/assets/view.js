"use strict";
// A record → its text with marked spans. Offsets are code points; all text is set as text.
const vanbanView = {
  show(element, records) {
    element.replaceChildren(...records.map((record) => this.article(record)));
  },
  article(record) {
    const article = document.createElement("article");
    const heading = document.createElement("h2");
    const kind = record.doc_type ? ` · ${record.doc_type}` : "";
    heading.textContent = `${record.id}${kind} · ${record.entities.length}`;
    const body = document.createElement("div");
    body.className = "view-text";
    const points = Array.from(record.text);
    let position = 0;
    for (const entity of record.entities) {
      body.append(points.slice(position, entity.start).join(""));
      const mark = document.createElement("mark");
      mark.dataset.label = entity.label;
      mark.title = `${entity.label} ${entity.score}`;
      mark.textContent = points.slice(entity.start, entity.end).join("");
      body.append(mark);
      position = entity.end;
    }
    body.append(points.slice(position).join(""));
    article.append(heading, body);
    return article;
  },
};
