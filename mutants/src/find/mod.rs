//! The places in a file that can be changed.

mod bodies;
mod left_out;
mod values;

use crate::mutant::{Differs, Identity, Kind, Mutant, Switch};
use proc_macro2::{Span, TokenStream};
use std::collections::BTreeSet;
use std::ops::Range;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Token};

/// Finds every mutant of a file.
pub fn find(file: &str, source: &str) -> syn::Result<Vec<Mutant>> {
    let parsed = syn::parse_file(source)?;
    let mut finder = Finder { file, source, found: Vec::new(), seen: BTreeSet::new() };
    finder.visit_file(&parsed);
    finder.found.sort_by(|a, b| (a.range.start, &a.identity).cmp(&(b.range.start, &b.identity)));
    Ok(finder.found)
}

/// The files of modules that are there for tests alone, as this file declares them: `tests` for `#[cfg(test)] mod tests;`.
pub fn test_modules(source: &str) -> syn::Result<Vec<String>> {
    let items = syn::parse_file(source)?.items.into_iter();
    Ok(items
        .filter_map(|item| match item {
            syn::Item::Mod(module) if is_for_tests(&module.attrs) => Some(module.ident.to_string()),
            _ => None,
        })
        .collect())
}

/// A walk through a file.
struct Finder<'a> {
    file: &'a str,
    source: &'a str,
    found: Vec<Mutant>,
    /// The places that were left out already: two rules may find the same.
    seen: BTreeSet<(usize, usize)>,
}

impl Finder<'_> {
    fn text(&self, range: Range<usize>) -> &str {
        &self.source[range]
    }

    fn text_of(&self, spanned: &impl Spanned) -> &str {
        self.text(range_of(spanned))
    }

    fn add(&mut self, at: Span, kind: Kind, range: Range<usize>, shown: (&str, &str), switch: Switch) {
        let start = at.start();
        let identity = Identity {
            file: self.file.to_owned(),
            line: start.line,
            column: start.column + 1,
            kind,
            original: one_line(shown.0),
            mutated: one_line(shown.1),
        };
        self.found.push(Mutant { identity, range, switch, differs: Differs::Always });
    }

    /// The mutant added last makes a difference only then.
    fn only(&mut self, differs: Differs) {
        if let Some(last) = self.found.last_mut() {
            last.differs = differs;
        }
    }

    /// Another value for an expression.
    fn value(&mut self, whole: &impl Spanned, kind: Kind, instead: String) {
        let original = self.text_of(whole).to_owned();
        self.add(whole.span(), kind, range_of(whole), (&original, &instead), Switch::Value(instead.clone()));
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if is_for_tests(attributes_of(expr)) {
            return;
        }
        self.values(expr);
        self.unit_bodies(expr);
        match expr {
            // What happens if a rule is switched off is no part of the store.
            Expr::If(branch) if asks_for_defect(self.text_of(&branch.cond)) => {
                if let Some((_, otherwise)) = &branch.else_branch {
                    self.visit_expr(otherwise);
                }
            }
            Expr::MethodCall(call) if is_diagnostic(&call.method.to_string()) => {
                self.visit_expr(&call.receiver)
            }
            Expr::Call(call) if only_saves_time(&call.func) => {}
            _ => visit::visit_expr(self, expr),
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.statements(block);
        visit::visit_block(self, block);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let arguments = match name.as_str() {
            "altered" => rule_that_holds(call).into_iter().collect(),
            "matches" => first_argument(call).into_iter().collect(),
            "vec" => all_arguments(call),
            _ => Vec::new(),
        };
        for argument in &arguments {
            self.visit_expr(argument);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_for_tests(&function.attrs) && is_of_the_store(&function.sig) {
            self.body(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) && is_of_the_store(&function.sig) {
            self.body(&function.sig, &function.block);
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.body(&function.sig, block);
            visit::visit_trait_item_fn(self, function);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of_trait = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
        let shows = of_trait
            .is_some_and(|last| ["Debug", "Display", "JsonSchema"].contains(&&*last.ident.to_string()));
        if !shows && !is_for_tests(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        if let syn::Pat::Guard(guarded) = pattern {
            self.visit_expr(&guarded.guard);
        }
    }

    // Known while the program is compiled.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}
    fn visit_item_macro(&mut self, _: &'ast syn::ItemMacro) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
}

/// The bytes of the file that a part of it takes.
fn range_of(spanned: &impl Spanned) -> Range<usize> {
    spanned.span().byte_range()
}

/// The rule in `altered!(defects, name::function(arguments), rule)`.
fn rule_that_holds(call: &syn::Macro) -> Option<Expr> {
    all_arguments(call).into_iter().nth(2)
}

fn all_arguments(call: &syn::Macro) -> Vec<Expr> {
    call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        .map(|arguments| arguments.into_iter().collect())
        .unwrap_or_default()
}

fn first_argument(call: &syn::Macro) -> Option<Expr> {
    call.parse_body_with(|input: syn::parse::ParseStream<'_>| {
        let first: Expr = input.parse()?;
        let _rest: TokenStream = input.parse()?;
        Ok(first)
    })
    .ok()
}

/// Returns true for a condition that switches a rule off.
fn asks_for_defect(condition: &str) -> bool {
    condition.contains("altered!")
}

/// Returns true for calls whose arguments are for observers, for people, or only save time.
fn is_diagnostic(method: &str) -> bool {
    ["report", "reserve", "expect"].contains(&method)
}

/// Returns false for what is known while the program is compiled, and for hashes that only a trace shows.
fn is_of_the_store(signature: &syn::Signature) -> bool {
    let name = signature.ident.to_string();
    signature.constness.is_none() && !name.contains("fingerprint") && name != "hash_numbers"
}

fn only_saves_time(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "with_capacity"))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let text = list.tokens.to_string();
            text.contains("test") || text.contains("schema") || text.contains("not")
        }
        _ => false,
    })
}

fn attributes_of(expr: &Expr) -> &[Attribute] {
    match expr {
        Expr::Block(block) => &block.attrs,
        Expr::If(branch) => &branch.attrs,
        Expr::Match(branches) => &branches.attrs,
        _ => &[],
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
