//! The lists of operations: their kinds, and the mixes that workloads draw them from.

/// Declares the kinds of operation. A row `file::Kind,` makes a module and a variant of `Action`. The name in plans is that
/// of the variant, in kebab case; `= "name"` adds one that older plans have. A kind without fields stands in brackets, at
/// the end.
macro_rules! operations {
    (
        $($(#[$attribute:meta])* $module:ident::$Kind:ident $(= $older:literal)?,)*
        $([$plain:ident::$Plain:ident],)*
    ) => {
        $($(#[$attribute])* mod $module; pub use $module::$Kind;)*
        $(mod $plain; pub use $plain::$Plain;)*

        /// One operation of a client. A revision is given relative to the newest that the client has seen.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[allow(missing_docs, reason = "a variant is its struct")]
        pub enum Action {
            $($(#[serde(alias = $older)])? $Kind($Kind),)*
            $($Plain,)*
        }

        $(impl From<$Kind> for Action {
            fn from(kind: $Kind) -> Action {
                Action::$Kind(kind)
            }
        })*

        impl Action {
            /// Refuses fields that no request can have.
            pub(crate) fn check(&self) -> Result<(), crate::rules::Impossible> {
                match self {
                    $(Action::$Kind(kind) => kind.check(),)*
                    $(Action::$Plain => $Plain.check(),)*
                }
            }

            /// Returns true if it needs or makes a lease.
            pub(crate) fn uses_leases(&self) -> bool {
                match self {
                    $(Action::$Kind(kind) => kind.uses_leases(),)*
                    $(Action::$Plain => $Plain.uses_leases(),)*
                }
            }

            /// Returns true if it says who the user root is.
            pub(crate) fn changes_root(&self) -> bool {
                match self {
                    $(Action::$Kind(kind) => kind.changes_root(),)*
                    $(Action::$Plain => $Plain.changes_root(),)*
                }
            }

            /// Does it, and notes what came of it.
            pub(crate) async fn act(&self, actor: &mut $crate::operation::Actor) {
                match self {
                    $(Action::$Kind(kind) => kind.act(actor).await,)*
                    $(Action::$Plain => $Plain.act(actor).await,)*
                }
            }
        }
    };
}

/// Declares a mix. A row `name: weight = function,` makes a weight of this name and default, and the function draws the
/// operation.
macro_rules! mix {
    (
        $(#[$about:meta])*
        $Mix:ident {
            $($(#[$row:meta])* $name:ident: $weight:literal = $file:ident::$draw:ident,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $Mix {
            $($(#[$row])* pub $name: u32,)*
        }

        impl Default for $Mix {
            fn default() -> Self {
                $Mix { $($name: $weight,)* }
            }
        }

        impl $Mix {
            /// The rows, in the order of the list.
            pub(crate) fn rows(&self) -> Vec<$crate::operation::Weighted<Action>> {
                vec![$($crate::operation::Weighted {
                    name: stringify!($name),
                    weight: self.$name,
                    draw: $file::$draw,
                },)*]
            }
        }
    };
}

pub(super) use {mix, operations};
