/* The view of documents that vanban tagged. No framework, no build step, nothing is fetched.

   In a page of your own, with the style and the script of `view_assets()` in it:

     const view = vanbanView.show(element, records, {embedded: true});

   `records` is an array of what `tag` writes, with the text: {"id", "text", "entities": [{"label", "start", "end",
   "text", "score", "value"}], "doc_type", "doc_type_score", "doc_type_scores", "record", "model"}; text and entities
   must be there. Offsets are half-open code points. `show` puts the view into `element`, in the place of what is there,
   and may be called again with other records. Options:

     embedded  true where the page has a <main> and a heading of its own: then the view is a section of it
     title     what stands at the top, "vanban report" if not given
     keys      false leaves the keyboard of the page alone

   It returns {open(number), next(), previous(), stop()}: the document of this number is shown, the next or previous
   entity is chosen, the view lets go of the keyboard.

   Text is put into the page as text, never as markup: what a document holds is shown and not run. */
"use strict";

const vanbanView = {types: {}, labels: [], order: []};
{
  // white space as Python's str.split has it
  const WHITE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
  const INVISIBLE = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+/g;
  const LONGEST_TITLE = 120;
  const HUES = 6; // of labels that are not vanban's own, behind its four

  /** Return an element. Attributes that are null or false are left out, `on…` are listeners, strings become text. */
  vanbanView.element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false)
        made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  };

  /** Return a text as it is searched: without marks of letters, đ as d, in lower case, one space for white space. */
  vanbanView.fold = (text) =>
    text
      .normalize("NFD")
      .replace(/\p{M}+/gu, "")
      .replace(INVISIBLE, "")
      .replace(/[đĐ]/g, "d")
      .toLowerCase()
      .replace(WHITE, " ");

  /** Return a text on one line. */
  vanbanView.oneLine = (text) => text.replace(WHITE, " ").trim();

  /** Return the name of a document type. */
  vanbanView.typeName = (type) => vanbanView.types[type] || String(type).replace(/_/g, " ");

  /** Return a number with thousands marked, and a noun in its number: `1,204 entities`. */
  vanbanView.count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

  /** Return a probability in percent. */
  vanbanView.percent = (score) => `${(100 * score).toFixed(score > 0.995 && score < 1 ? 1 : 0)} %`;

  /** Return what a list says of a record, as `summary_of` does in Python. */
  vanbanView.summary = (record) => {
    const first = record.text.split("\n").find((line) => vanbanView.oneLine(line));
    const title = vanbanView.oneLine(String((record.record || {}).subject || record.title || first || ""));
    const points = Array.from(title);
    return {
      id: String(record.id ?? ""),
      title:
        points.length <= LONGEST_TITLE
          ? title
          : `${points
              .slice(0, LONGEST_TITLE - 1)
              .join("")
              .trimEnd()}…`,
      type: record.doc_type === undefined ? null : record.doc_type,
      likeliest: Object.keys(record.doc_type_scores || {})[0] || null,
      score: record.doc_type_score === undefined ? null : record.doc_type_score,
      entities: (record.entities || []).map(({label, score = 1}) => [label, score]),
      texts: [...new Set((record.entities || []).map(({text}) => vanbanView.oneLine(text)))].join("\n"),
    };
  };

  /** Return the labels of summaries, vanban's own first, and the class of each, which has its colours. */
  vanbanView.labelsOf = (summaries) => {
    const found = new Set();
    for (const {entities} of summaries) for (const entity of entities) found.add(entity[0]);
    const own = vanbanView.labels.filter((label) => found.has(label));
    const others = [...found].filter((label) => !vanbanView.labels.includes(label)).sort();
    return [...own, ...others];
  };

  vanbanView.hue = (label, labels) => {
    const own = vanbanView.labels.indexOf(label);
    if (own >= 0) return `vb-hue-${own}`;
    const others = labels.filter((other) => !vanbanView.labels.includes(other));
    return `vb-hue-${vanbanView.labels.length + (Math.max(0, others.indexOf(label)) % HUES)}`;
  };

  // ---- light and dark

  const KEPT = "vanban-theme";
  const schemes = ["light dark", "light", "dark"];
  const names = {"light dark": "as the system", light: "light", dark: "dark"};
  const kept = () => {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null; // a page may have no storage
    }
  };
  const apply = (scheme) => {
    document.documentElement.style.colorScheme = scheme;
  };
  if (schemes.includes(kept())) apply(kept());

  /** Return the switch between the colours of the system, light and dark ones. */
  vanbanView.themeSwitch = () => {
    const element = vanbanView.element("button", {type: "button", class: "vb-button vb-theme"});
    let current = schemes.includes(kept()) ? kept() : schemes[0];
    const say = () => {
      element.textContent = {"light dark": "◐", light: "☀", dark: "☾"}[current];
      element.setAttribute("aria-label", `Colours: ${names[current]}. Change`);
      element.title = `Colours: ${names[current]} (t)`;
    };
    element.addEventListener("click", () => {
      current = schemes[(schemes.indexOf(current) + 1) % schemes.length];
      apply(current);
      try {
        localStorage.setItem(KEPT, current);
      } catch {
        // then it is not kept
      }
      say();
    });
    say();
    return element;
  };
}
