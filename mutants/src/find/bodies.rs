//! Functions that can return a default at once.

use super::{Finder, one_line, range_of};
use crate::mutant::{Kind, Switch};
use syn::{Block, GenericArgument, PathArguments, ReturnType, Signature, Type};

/// Whole numbers.
const NUMBERS: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

/// Collections and their kin, which a `new` makes empty.
const COLLECTIONS: [&str; 7] = ["Vec", "VecDeque", "BTreeMap", "BTreeSet", "String", "FxHashMap", "Bytes"];

impl Finder<'_> {
    /// Finds the defaults of a function.
    pub(super) fn body(&mut self, signature: &Signature, block: &Block) {
        if block.stmts.is_empty() {
            return;
        }
        let values = match &signature.output {
            ReturnType::Default => {
                self.unit_block(block);
                vec![String::new()]
            }
            ReturnType::Type(_, returned) => defaults(returned),
        };
        let open = range_of(&block.brace_token.span.open()).end;
        let own = self.text_of(block).trim_matches(['{', '}']).trim().to_owned();
        let name = format!("fn {}", signature.ident);
        for value in values {
            if value == own {
                continue;
            }
            let shown = one_line(&format!("return {value}"));
            let inserted = Switch::Inserted(format!(" if ON {{ return {value}; }} "));
            self.add(signature.ident.span(), Kind::Body, open..open, (&name, &shown), inserted);
        }
    }
}

/// The defaults of a type.
fn defaults(returned: &Type) -> Vec<String> {
    match returned {
        Type::Tuple(tuple) if tuple.elems.is_empty() => vec!["()".to_owned()],
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return Vec::new() };
            let name = last.ident.to_string();
            match name.as_str() {
                "bool" => vec!["true".to_owned(), "false".to_owned()],
                "Option" => vec!["None".to_owned()],
                "Result" => {
                    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return Vec::new() };
                    let Some(GenericArgument::Type(inner)) = arguments.args.first() else {
                        return Vec::new();
                    };
                    defaults(inner).into_iter().map(|value| format!("Ok({value})")).collect()
                }
                number if NUMBERS.contains(&number) => vec!["0".to_owned(), "1".to_owned()],
                collection if COLLECTIONS.contains(&collection) => vec!["Default::default()".to_owned()],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
