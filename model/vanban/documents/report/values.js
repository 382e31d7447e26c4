/* What an entity means and what a document says of itself, to be read: names and values, no brackets. */
{
  const {element} = vanbanView;
  const NAMES = {
    key: null,
    spans: null,
    noun_class: "class of noun",
    issuer_above: "under",
    type_code: "code of type",
    body_code: "code of body",
    unit_code: "code of unit",
    at_least: "at least",
    full_name: "full name",
    low: "from",
    high: "to",
    candidates: "may be",
    signs: null,
    organisation: "of",
  };
  const nameOf = (field) => (field in NAMES ? NAMES[field] : field.replace(/_/g, " "));

  const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
  const scalar = (field, value) => {
    if (value === true) return "yes";
    if (value === false) return "no";
    const date = DATE.exec(value);
    if (date) return element("time", {datetime: value}, `${Number(date[3])}/${Number(date[2])}/${date[1]}`);
    if (field === "kind" || field === "type") return vanbanView.types[value] || String(value).replace(/_/g, " ");
    if (/^-?\d+(\.\d+)?$/.test(value) && ["number", "low", "high", "numerator", "denominator"].includes(field)) {
      // as Vietnamese writes it; a decimal of any length stays exact
      const [whole, part] = String(value).split(".");
      return whole.replace(/\B(?=(\d{3})+$)/g, ".") + (part ? `,${part}` : "");
    }
    if (["noun_class", "approximation", "relation", "level"].includes(field)) return String(value).replace(/_/g, " ");
    return String(value);
  };

  const unit = (value) =>
    element(
      "span",
      {lang: "vi"},
      [value.name, ...(value.parents || [])].filter(Boolean).join(", "),
      element(
        "small",
        {},
        [
          value.code ? ` code ${value.code}` : "",
          value.valid_from ? `, from ${value.valid_from}` : "",
          value.valid_to ? `, until ${value.valid_to}` : "",
        ].join(""),
      ),
    );
  const office = (value) =>
    [
      [value.title, value.organisation].filter(Boolean).join(", "),
      value.acting ? " (acting)" : "",
      value.on_behalf_of ? ` (on behalf of ${value.on_behalf_of})` : "",
    ].join("");
  const person = (value) => {
    const offices = (value.offices || []).map(office).join("; ");
    return `${[...(value.ranks || []), value.full_name || value.name].join(" ")}${offices ? ` – ${offices}` : ""}`;
  };
  // `chi_thi:17/CT-UBND:2021:ha-noi` is kind, symbol, year and issuer of an act
  const act = (id) => {
    const [kind, symbol, year] = String(id).split(":");
    if (!symbol) return String(id);
    return `${vanbanView.typeName(kind)} ${symbol}${year && !symbol.includes(year) ? ` (${year})` : ""}`;
  };
  const ITEMS = {candidates: unit, offices: office, signers: person, basis: act, cites: act};

  const shown = (field, value) => {
    if (Array.isArray(value)) {
      const item = ITEMS[field] || ((one) => shown(field, one));
      if (value.length === 1) return item(value[0]);
      return element(
        "ul",
        {},
        value.map((one) => element("li", {}, item(one))),
      );
    }
    if (value !== null && typeof value === "object") return vanbanView.facts(value);
    return scalar(field, value);
  };

  /** Return the fields of a value as a list of names and values; offsets and keys are left to the JSON. */
  vanbanView.facts = (value) => {
    const list = element("dl", {class: "vb-facts"});
    for (const [field, held] of Object.entries(value)) {
      const name = nameOf(field);
      if (name === null || held === null || held === "" || (Array.isArray(held) && !held.length)) continue;
      list.append(element("div", {}, element("dt", {}, name), element("dd", {lang: "vi"}, shown(field, held))));
    }
    return list;
  };

  /** Return the JSON of a value, folded away. */
  vanbanView.json = (value) => {
    const text = element("pre", {class: "vb-json", tabindex: "0"});
    const folded = element("details", {class: "vb-raw"}, element("summary", {}, "JSON"), text);
    folded.addEventListener("toggle", () => {
      if (folded.open && !text.textContent) vanbanView.putText(text, JSON.stringify(value, null, 1));
    });
    return folded;
  };
}
