//! The list of the kinds of fault that scenario files know.

use super::Fault;
use schemars::{JsonSchema, SchemaGenerator};

/// Makes the kinds of the list: a module and a variant of [`Fault`] for each, known by its name in files.
macro_rules! faults {
    ($($(#[$attribute:meta])* $module:ident::$Kind:ident = $name:literal,)*) => {
        $(
            $(#[$attribute])*
            mod $module;
            pub use $module::*;

            impl $Kind {
                /// The name of the kind in files.
                pub const NAME: &'static str = $name;
            }

            impl From<$Kind> for Fault {
                fn from(fault: $Kind) -> Fault {
                    Fault::$Kind(fault)
                }
            }
        )*

        /// A fault of a kind that scenario files know.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(tag = "kind", deny_unknown_fields)]
        #[allow(missing_docs, reason = "a variant is its struct, and the schema shows the documentation of that")]
        pub enum Fault {
            $(#[serde(rename = $name)] $Kind($Kind),)*
        }

        impl Fault {
            fn kind(&self) -> &dyn FaultKind {
                match self {
                    $(Fault::$Kind(fault) => fault,)*
                }
            }

            fn kind_mut(&mut self) -> &mut dyn FaultKind {
                match self {
                    $(Fault::$Kind(fault) => fault,)*
                }
            }
        }
    };
}

pub(super) use faults;

/// The text of a kind of fault, from its documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindText {
    /// Its name in files.
    pub name: String,
    /// The first line of its documentation.
    pub about: String,
    /// Its cause in the real world.
    pub cause: String,
    /// Its fields, without `kind`.
    pub fields: Vec<FieldText>,
}

/// The text of a field of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldText {
    /// Its name in files.
    pub name: String,
    /// Its documentation.
    pub about: String,
}

/// The kinds of fault that scenario files know, in the order of the list.
pub fn kinds() -> Vec<KindText> {
    let schema = Fault::json_schema(&mut SchemaGenerator::default());
    let kinds = schema.get("oneOf").and_then(|kinds| kinds.as_array()).into_iter().flatten();
    let one_line = |text: Option<&str>| text.unwrap_or_default().replace('\n', " ");
    kinds
        .map(|kind| {
            let mut paragraphs = kind["description"].as_str().unwrap_or_default().split("\n\n");
            let about = one_line(paragraphs.next());
            let cause = one_line(paragraphs.find_map(|text| text.strip_prefix("Cause: ")));
            let fields = kind["properties"].as_object().into_iter().flatten();
            let fields = fields.filter(|(name, _)| *name != "kind").map(|(name, field)| FieldText {
                name: name.clone(),
                about: one_line(field["description"].as_str()),
            });
            let name = one_line(kind["properties"]["kind"]["const"].as_str());
            KindText { name, about, cause, fields: fields.collect() }
        })
        .collect()
}
