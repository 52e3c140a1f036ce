//! The shape of a scenario file, as its schema has it: arrays stand where the schema has arrays.
//!
//! The derived readers take an array for any object, its items as the fields in the order of the source.

use super::file::SCHEMA;
use serde_json::Value;

/// The place of the first array that stands for something else.
pub(super) fn misplaced_array(scenario: &Value) -> Option<String> {
    Schema::whole(&SCHEMA).misplaced_array(scenario, String::new())
}

/// A place in a schema.
#[derive(Clone, Copy)]
pub(super) struct Schema<'a> {
    root: &'a Value,
    /// The schema of this place.
    pub here: &'a Value,
}

impl<'a> Schema<'a> {
    /// The outermost place of a schema.
    pub fn whole(root: &'a Value) -> Schema<'a> {
        Schema { root, here: root }
    }

    /// Another place in the same schema, behind its reference if it is one.
    pub fn at(self, here: &'a Value) -> Schema<'a> {
        let reference = here["$ref"].as_str().and_then(|name| self.root.pointer(name.strip_prefix('#')?));
        Schema { here: reference.unwrap_or(here), ..self }
    }

    /// The forms that a value may have here: each alternative, or this one.
    pub fn forms(self) -> Vec<Schema<'a>> {
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|name| self.here[name].as_array());
        match alternatives {
            Some(all) => all.iter().flat_map(|one| self.at(one).forms()).collect(),
            None => vec![self],
        }
    }

    /// Returns true if a form without a type, or this type, is meant.
    pub fn has_type(self, wanted: &str) -> bool {
        match &self.here["type"] {
            Value::String(name) => name == wanted,
            Value::Array(names) => names.iter().any(|name| name == wanted),
            _ => self.here.get("const").is_none() && self.here.get("enum").is_none(),
        }
    }

    /// Returns true if an object has the constants of this form, as the kind of a fault is one.
    pub fn is_of(self, value: &Value) -> bool {
        let properties = self.here["properties"].as_object();
        let constants =
            properties.into_iter().flatten().filter_map(|(name, of)| Some((name, of.get("const")?)));
        self.has_type("object") && { constants }.all(|(name, constant)| value.get(name) == Some(constant))
    }

    fn misplaced_array(self, value: &Value, path: String) -> Option<String> {
        let forms = self.forms();
        match value {
            Value::Array(items) => {
                let Some(form) = forms.into_iter().find(|form| form.has_type("array")) else {
                    return Some(path);
                };
                items.iter().enumerate().find_map(|(at, item)| {
                    let of_item = form.here["prefixItems"].get(at).or(form.here.get("items"))?;
                    form.at(of_item).misplaced_array(item, format!("{path}[{at}]"))
                })
            }
            Value::Object(fields) => {
                let of_form = |form: Schema<'a>| {
                    fields.iter().find_map(|(name, field)| {
                        let of_field = form.here["properties"].get(name)?;
                        let dot = if path.is_empty() { "" } else { "." };
                        form.at(of_field).misplaced_array(field, format!("{path}{dot}{name}"))
                    })
                };
                let mut found = forms.into_iter().filter(|form| form.is_of(value)).map(of_form);
                let first = found.next()??;
                found.all(|other| other.is_some()).then_some(first)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use serde_json::json;

    #[test]
    fn every_scenario_of_the_catalogue_has_the_shape() {
        for scenario in catalogue::all() {
            let value = serde_json::to_value(&scenario).expect("a scenario is JSON");
            assert_eq!(misplaced_array(&value), None, "{}", scenario.name);
        }
    }

    #[test]
    fn an_array_for_an_object_is_found_at_any_depth() {
        for (scenario, place) in [
            (json!([]), ""),
            (json!({ "workload": [7, 0, 0] }), "workload"),
            (json!({ "network": { "peers": [[1, 2]] } }), "network.peers"),
            (json!({ "faults": [[1]] }), "faults[0]"),
            (json!({ "faults": [{ "one_of": [["crash", "leader"]] }] }), "faults[0].one_of[0]"),
            (
                json!({ "faults": [{ "one_of": [{ "kind": "crash", "target": [1] }] }] }),
                "faults[0].one_of[0].target",
            ),
            (json!({ "client": [5], "cpu": [5, 5, 5] }), "client"),
        ] {
            assert_eq!(misplaced_array(&scenario).as_deref(), Some(place), "{scenario}");
        }
    }
}
