/* The text of a document with its spans marked, as it is written, and what was searched for in it. */
{
  const {element, fold} = vanbanView;
  const BREAK = /^[\v\f\x1c-\x1e\x85\u2028\u2029]$/;
  // controls, characters that show nothing, and those that turn the direction of what follows
  const STRANGE =
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\r(?!\n)/g;

  /** Return a function from offsets in code points to those of JavaScript, which counts a 𠊛 or an emoji twice. */
  vanbanView.unitsOf = (text) => {
    if (!/[\ud800-\udbff]/.test(text)) return (offset) => offset;
    const units = [];
    let unit = 0;
    for (const character of text) {
      units.push(unit);
      unit += character.length;
    }
    units.push(unit);
    return (offset) => units[Math.max(0, Math.min(offset, units.length - 1))];
  };

  /** Return where a text has what is searched for, as pairs [start, end) of its own units. */
  vanbanView.find = (text, query) => {
    const wanted = fold(query).trim();
    if (!wanted) return [];
    const known = new Map();
    const starts = [];
    let folded = "";
    let unit = 0;
    for (const character of text) {
      let as = known.get(character);
      if (as === undefined) known.set(character, (as = fold(character)));
      if (as !== " " || !folded.endsWith(" ")) {
        folded += as;
        for (let i = 0; i < as.length; i++) starts.push(unit);
      }
      unit += character.length;
    }
    starts.push(unit);
    const found = [];
    for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) {
      let end = starts[at + wanted.length];
      // white space that was folded into one space, and what shows nothing, is no part of what was found
      while (end > starts[at] + 1 && !fold(text.slice(end - 1, end)).trim() && !/\p{M}/u.test(text[end - 1])) end -= 1;
      found.push([starts[at], end]);
    }
    return found;
  };

  /** Put text into a parent; what can't be seen gets a sign, and can't change the direction of what is around it. */
  vanbanView.putText = (parent, text) => {
    let from = 0;
    for (const match of text.matchAll(STRANGE)) {
      if (match.index > from) parent.append(text.slice(from, match.index));
      const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      const sign = element("bdi", {class: "vb-strange", "data-code": code, title: `U+${code}`}, match[0]);
      parent.append(sign);
      if (BREAK.test(match[0]) || match[0] === "\r") parent.append(element("br", {}));
      from = match.index + match[0].length;
    }
    if (from < text.length) parent.append(text.slice(from));
  };

  /** Return the number of the first of the hits that ends behind a place. */
  const firstBehind = (hits, place) => {
    let [low, high] = [0, hits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (hits[middle][1] <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const putHits = (parent, text, offset, hits) => {
    let from = offset;
    const end = offset + text.length;
    for (let i = firstBehind(hits, from); i < hits.length && hits[i][0] < end; i++) {
      const [left, right] = hits[i];
      const [start, stop] = [Math.max(left, from), Math.min(right, end)];
      vanbanView.putText(parent, text.slice(from - offset, start - offset));
      const hit = element("span", {class: "vb-hit"});
      vanbanView.putText(hit, text.slice(start - offset, stop - offset));
      parent.append(hit);
      from = stop;
    }
    vanbanView.putText(parent, text.slice(from - offset));
  };

  /** Fill `parent` with the units from `start` to `end` of a text, marked by `spans`.

      A span is {start, end, mark()}, in units of JavaScript; `mark` returns the element that it is put into. Spans
      inside others stand inside their marks; one that runs over the end of another is shown up to there. */
  vanbanView.putMarked = (parent, text, spans, hits = [], start = 0, end = text.length) => {
    const ordered = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
    const open = [{end, into: parent}];
    let at = start;
    const upTo = (place) => {
      while (open.length > 1 && open[open.length - 1].end <= place) {
        const done = open.pop();
        putHits(done.into, text.slice(at, Math.max(at, done.end)), at, hits);
        at = Math.max(at, done.end);
      }
      if (place > at) putHits(open[open.length - 1].into, text.slice(at, place), at, hits);
      at = Math.max(at, place);
    };
    for (const span of ordered) {
      upTo(span.start);
      const mark = span.mark();
      open[open.length - 1].into.append(mark);
      open.push({end: Math.min(span.end, open[open.length - 1].end), into: mark});
    }
    upTo(end);
    while (open.length > 1) {
      const done = open.pop();
      putHits(done.into, text.slice(at, done.end), at, hits);
      at = Math.max(at, done.end);
    }
  };

  /** Call `choose` with the number of a mark in `parent` that is clicked, or on which Enter or space is pressed. */
  vanbanView.heedMarks = (parent, selector, choose) => {
    const heard = (event) => {
      const mark = event.target.closest(selector);
      if (!mark || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      choose(Number(mark.dataset.number));
    };
    parent.addEventListener("click", heard);
    parent.addEventListener("keydown", heard);
  };

  /** Cut a text into stretches [start, end) of whole lines that no span goes beyond. */
  vanbanView.stretches = (text, spans) => {
    const ends = spans.map(({end}) => end).sort((a, b) => a - b);
    const starts = spans.map(({start}) => start).sort((a, b) => a - b);
    const found = [];
    let [from, begun, ended] = [0, 0, 0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      while (begun < starts.length && starts[begun] <= at) begun += 1;
      while (ended < ends.length && ends[ended] <= at + 1) ended += 1;
      if (begun !== ended) continue;
      found.push([from, at + 1]);
      from = at + 1;
    }
    if (from < text.length) found.push([from, text.length]);
    return found;
  };
}
