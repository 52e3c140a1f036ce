//! Values in a scenario file that are not of the form that its schema has, told in the words of JSON.
//!
//! The derived readers speak of Rust's types (`unit variant, expected newtype variant`), and know no place within a fault.

use super::file::SCHEMA;
use super::shape::Schema;
use serde_json::Value;

/// The most fields that a message names of those that an object may have.
const FIELDS_NAMED: usize = 8;

/// The most characters of a value that a message repeats.
const SHOWN_CHARS: usize = 60;

/// A value of another form than is expected.
#[derive(Debug, PartialEq)]
pub(super) struct Mismatch {
    /// The path of its field; empty for the whole file.
    pub field: String,
    /// The message: what is wrong, and what would be right.
    pub what: String,
}

/// The first mismatch of a file. Fields and kinds of fault that are not known are none: the readers say these well.
pub(super) fn mismatch(scenario: &Value) -> Option<Mismatch> {
    find(Schema::whole(&SCHEMA), scenario, String::new())
}

fn find(schema: Schema<'_>, value: &Value, field: String) -> Option<Mismatch> {
    let forms = schema.forms();
    let fitting: Vec<Schema<'_>> = forms.iter().copied().filter(|form| fits(*form, value, &forms)).collect();
    if !fitting.is_empty() {
        let mut within = fitting.into_iter().map(|form| find_within(form, value, &field));
        let first = within.next()??;
        return within.all(|other| other.is_some()).then_some(first);
    }
    if value.is_object() && tag(&forms).is_some() {
        return None;
    }
    Some(Mismatch { field, what: format!("{} where {} is expected", shown(value), expected(&forms)) })
}

/// Returns true for a value of the kind of a form, whatever is in it.
fn fits(form: Schema<'_>, value: &Value, forms: &[Schema<'_>]) -> bool {
    if let Some(constant) = form.here.get("const") {
        return constant == value;
    }
    if let Some(names) = form.here["enum"].as_array() {
        return names.contains(value);
    }
    match value {
        Value::Null => form.has_type("null"),
        Value::Bool(_) => form.has_type("boolean"),
        Value::String(_) => form.has_type("string"),
        Value::Number(number) => {
            let is_whole = number.is_u64() || number.is_i64();
            let (least, most) = bounds(form);
            let is_within = number.as_f64().is_some_and(|number| least <= number && number <= most);
            is_within && (form.has_type("number") || is_whole && form.has_type("integer"))
        }
        Value::Array(items) => {
            let length = |name: &str| form.here[name].as_u64().map(|length| length as usize);
            let is_long_enough = length("minItems").is_none_or(|least| items.len() >= least);
            form.has_type("array")
                && is_long_enough
                && length("maxItems").is_none_or(|most| items.len() <= most)
        }
        Value::Object(fields) => {
            let has_all = || required(form).all(|name| fields.contains_key(name));
            form.is_of(value) && (forms.len() == 1 || tag(forms).is_some() || has_all())
        }
    }
}

/// The least and the greatest number of a form.
fn bounds(form: Schema<'_>) -> (f64, f64) {
    let bound = |name: &str, otherwise: f64| form.here[name].as_f64().unwrap_or(otherwise);
    let most = if form.here["format"] == "uint32" { f64::from(u32::MAX) } else { f64::INFINITY };
    (bound("minimum", f64::NEG_INFINITY), bound("maximum", most))
}

fn required<'a>(form: Schema<'a>) -> impl Iterator<Item = &'a str> {
    form.here["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The field by which objects of several forms are told apart.
fn tag<'a>(forms: &[Schema<'a>]) -> Option<&'a str> {
    let tag_of = |form: &Schema<'a>| {
        let properties = form.here["properties"].as_object()?;
        properties.iter().find(|(_, of)| of.get("const").is_some()).map(|(name, _)| name.as_str())
    };
    let first = tag_of(forms.first()?)?;
    forms.iter().all(|form| tag_of(form) == Some(first)).then_some(first)
}

fn find_within(form: Schema<'_>, value: &Value, field: &str) -> Option<Mismatch> {
    match value {
        Value::Array(items) => items.iter().enumerate().find_map(|(at, item)| {
            let of_item = form.here["prefixItems"].get(at).or(form.here.get("items"))?;
            find(form.at(of_item), item, format!("{field}[{at}]"))
        }),
        Value::Object(fields) => {
            let missing: Vec<String> = required(form)
                .filter(|name| !fields.contains_key(*name))
                .map(|name| described(form, name))
                .collect();
            if !missing.is_empty() {
                let plural = if missing.len() == 1 { "" } else { "s" };
                let what = format!("missing field{plural} {}", missing.join(", and "));
                return Some(Mismatch { field: field.to_owned(), what });
            }
            let dot = if field.is_empty() { "" } else { "." };
            fields.iter().find_map(|(name, value)| {
                let of_field = form.here["properties"].get(name)?;
                find(form.at(of_field), value, format!("{field}{dot}{name}"))
            })
        }
        _ => None,
    }
}

/// A field with what it is for.
fn described(form: Schema<'_>, name: &str) -> String {
    let about = form.here["properties"][name]["description"].as_str().unwrap_or_default();
    let about = about.split(['\n', '.']).next().unwrap_or_default();
    if about.is_empty() { format!("`{name}`") } else { format!("`{name}` ({about})") }
}

/// A value, as a message repeats it.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match value {
        _ if text.chars().count() <= SHOWN_CHARS => text,
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        _ => text.chars().take(SHOWN_CHARS).chain("...".chars()).collect(),
    }
}

fn expected(forms: &[Schema<'_>]) -> String {
    if let Some(tag) = tag(forms).filter(|_| forms.len() > 1) {
        return format!("an object with a `{tag}`");
    }
    let texts: Vec<String> = forms.iter().flat_map(|form| form_in_words(*form, forms.len() == 1)).collect();
    match texts.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => texts.concat(),
    }
}

/// The alternatives of a form, in words.
fn form_in_words(form: Schema<'_>, is_only: bool) -> Vec<String> {
    if let Some(constant) = form.here.get("const") {
        return vec![constant.to_string()];
    }
    if let Some(names) = form.here["enum"].as_array() {
        return names.iter().map(Value::to_string).collect();
    }
    let kinds: [(&str, &dyn Fn() -> String); 6] = [
        ("integer", &|| format!("a whole number{}", bounds_in_words(form))),
        ("number", &|| format!("a number{}", bounds_in_words(form))),
        ("boolean", &|| "true or false".to_owned()),
        ("string", &|| "a string".to_owned()),
        ("array", &|| array_in_words(form)),
        ("object", &|| object_in_words(form, is_only)),
    ];
    kinds.into_iter().filter(|(name, _)| form.has_type(name)).map(|(_, words)| words()).collect()
}

fn bounds_in_words(form: Schema<'_>) -> String {
    match bounds(form) {
        (f64::NEG_INFINITY, _) => String::new(),
        (least, f64::INFINITY) => format!(" from {least} on"),
        (least, most) => format!(" from {least} to {most}"),
    }
}

fn array_in_words(form: Schema<'_>) -> String {
    match form.here["prefixItems"].as_array().map(Vec::len) {
        Some(2) => "an array of two, as in [1, 2],".to_owned(),
        Some(length) => format!("an array of {length}"),
        None => "an array".to_owned(),
    }
}

fn object_in_words(form: Schema<'_>, is_only: bool) -> String {
    if let (false, Some(name)) = (is_only, required(form).next()) {
        let value = if form.at(&form.here["properties"][name]).has_type("integer") { "N" } else { "\"...\"" };
        return format!("{{\"{name}\": {value}}}");
    }
    let properties = form.here["properties"].as_object().into_iter().flatten();
    let all: Vec<&str> = properties.map(|(name, _)| name.as_str()).collect();
    let needed: Vec<&str> = required(form).collect();
    let named = if needed.is_empty() { all } else { needed };
    let more = if named.len() > FIELDS_NAMED { ", ..." } else { "" };
    let named: Vec<String> = named.iter().take(FIELDS_NAMED).map(|name| format!("`{name}`")).collect();
    if named.is_empty() {
        "an object".to_owned()
    } else {
        format!("an object with {}{more}", named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use serde_json::json;

    #[test]
    fn no_scenario_of_the_catalogue_has_one() {
        for scenario in catalogue::all() {
            let value = serde_json::to_value(&scenario).expect("a scenario is JSON");
            assert_eq!(mismatch(&value), None, "{}", scenario.name);
        }
    }

    fn told(field: &str, value: Value) -> String {
        let mut scenario = json!({ "name": "x", "about": "y", "members": [3] });
        scenario[field] = value;
        mismatch(&scenario).map(|Mismatch { field, what }| format!("{field}: {what}")).unwrap_or_default()
    }

    fn of_target(target: Value) -> String {
        told("faults", json!([{ "one_of": [{ "kind": "crash", "target": target }] }]))
    }

    #[test]
    fn each_is_told_with_its_place_and_what_would_be_right() {
        let targets = "where \"leader\", {\"follower\": N} or {\"member\": N} is expected";
        for wrong in [json!("follower"), json!(3), json!({ "folower": 1 }), json!({ "leader": 1 }), json!({})]
        {
            assert_eq!(of_target(wrong.clone()), format!("faults[0].one_of[0].target: {wrong} {targets}"));
        }
        assert_eq!(
            of_target(json!({ "follower": "a" })),
            "faults[0].one_of[0].target.follower: \"a\" where a whole number from 0 to 4294967295 is expected"
        );
        for (field, value, message) in [
            (
                "proxies",
                json!([1, 2]),
                "proxies: [1,2] where an object with `cache`, `clients_percent`, `count`, `layers` is expected",
            ),
            ("faults", json!(["crash"]), "faults[0]: \"crash\" where an object with `one_of` is expected"),
            (
                "faults",
                json!([{ "one_of": ["crash"] }]),
                "faults[0].one_of[0]: \"crash\" where an object with a `kind` is expected",
            ),
            (
                "faults",
                json!([{}]),
                "faults[0]: missing field `one_of` (The faults of which a seed draws one each time)",
            ),
            ("faults", json!([{ "one_of": [{ "kind": "no-such" }] }]), ""),
            (
                "workload",
                json!({ "pause_us": [1] }),
                "workload.pause_us: [1] where an array of two, as in [1, 2], is expected",
            ),
            ("linger", json!("yes"), "linger: \"yes\" where true or false is expected"),
            ("duration_ms", json!(1.5), "duration_ms: 1.5 where a whole number from 0 on is expected"),
            (
                "workload",
                json!({ "pause_us": 3 }),
                "workload.pause_us: 3 where an array of two, as in [1, 2], is expected",
            ),
            (
                "workload",
                json!({ "namespaces": [{ "prefix": "a/", "by": "proxi" }] }),
                "workload.namespaces[0].by: \"proxi\" where \"client\" or \"proxy\" is expected",
            ),
        ] {
            assert_eq!(told(field, value), message);
        }
    }
}
