//! Expressions that can have another value: operators, conditions, constants, bounds, options, fields.

use super::{Finder, asks_for_defect, range_of};
use crate::mutant::{Differs, Kind, Switch};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit, Pat, UnOp};

impl Finder<'_> {
    /// Finds the other values of an expression itself, not of those in it.
    pub(super) fn values(&mut self, expr: &Expr) {
        match expr {
            Expr::Binary(binary) => self.operator(binary),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let instead = self.text_of(&unary.expr).to_owned();
                if !asks_for_defect(&instead) {
                    self.value(expr, Kind::Operator, instead);
                }
            }
            Expr::If(branch) => self.condition(&branch.cond, &["true", "false"]),
            Expr::While(repeat) => self.condition(&repeat.cond, &["false"]),
            Expr::Match(branches) => {
                for arm in &branches.arms {
                    if let Pat::Guard(guarded) = &arm.pat {
                        self.condition(&guarded.guard, &["true", "false"]);
                    }
                }
                self.arms(branches);
            }
            Expr::Lit(literal) => self.constant(literal),
            Expr::Call(call) => self.option(call),
            Expr::MethodCall(call) => self.bound(call),
            Expr::Struct(literal) => self.fields(literal),
            _ => {}
        }
    }

    fn operator(&mut self, binary: &syn::ExprBinary) {
        let (left, right) = (self.text_of(&binary.left).to_owned(), self.text_of(&binary.right).to_owned());
        let both = format!("{left} {right}");
        if asks_for_defect(&both) || contains_let(&binary.left) || contains_let(&binary.right) {
            return;
        }
        let others: &[&str] = match binary.op {
            BinOp::Eq(_) => &["!="],
            BinOp::Ne(_) => &["=="],
            BinOp::Lt(_) => &["<=", ">="],
            BinOp::Le(_) => &["<", ">"],
            BinOp::Gt(_) => &[">=", "<="],
            BinOp::Ge(_) => &[">", "<"],
            BinOp::And(_) => &["||"],
            BinOp::Or(_) => &["&&"],
            BinOp::Add(_) => &["-"],
            BinOp::Sub(_) => &["+"],
            BinOp::AddAssign(_) => &["-="],
            BinOp::SubAssign(_) => &["+="],
            _ => &[],
        };
        let original = self.text_of(binary).to_owned();
        for other in others {
            let code = format!("({left}) {other} ({right})");
            let code = if other.ends_with('=') && other.len() == 2 && "+-".contains(&other[..1]) {
                format!("{left} {other} {right}")
            } else {
                code
            };
            let shown = format!("{left} {other} {right}");
            self.add(
                binary.op.span(),
                Kind::Operator,
                range_of(binary),
                (&original, &shown),
                Switch::Value(code),
            );
            if let Some(operator) = operator_beside(other, &binary.op) {
                let (left, right) = (range_of(&binary.left), range_of(&binary.right));
                self.only(Differs::IfEqual { left, operator, right });
            }
        }
    }

    /// A condition that is always true, or never. One that binds names can only be false.
    fn condition(&mut self, condition: &Expr, values: &[&str]) {
        if asks_for_defect(self.text_of(condition)) {
            return;
        }
        if contains_let(condition) {
            let range = range_of(condition);
            let original = self.text_of(condition).to_owned();
            let never = Switch::Inserted(" && !ON".to_owned());
            self.add(condition.span(), Kind::Condition, range.end..range.end, (&original, "false"), never);
            self.conditions_beside_let(condition);
            return;
        }
        for value in values {
            self.always(condition, *value == "true");
        }
    }

    /// The parts of `let .. = .. && a && b` that bind nothing.
    fn conditions_beside_let(&mut self, condition: &Expr) {
        match condition {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.conditions_beside_let(&binary.left);
                self.conditions_beside_let(&binary.right);
            }
            Expr::Let(_) => {}
            other => self.always(other, true),
        }
    }

    /// A condition whose effects stay, but not its value.
    fn always(&mut self, condition: &Expr, value: bool) {
        let original = self.text_of(condition).to_owned();
        let code = Switch::Value(format!("{{ let _: bool = {original}; {value} }}"));
        let value_text = value.to_string();
        self.add(condition.span(), Kind::Condition, range_of(condition), (&original, &value_text), code);
        self.only(if value { Differs::IfFalse } else { Differs::IfTrue });
    }

    fn constant(&mut self, literal: &syn::ExprLit) {
        match &literal.lit {
            Lit::Int(number) => {
                let Ok(value) = number.base10_parse::<u64>() else { return };
                let suffix = number.suffix();
                self.value(literal, Kind::Constant, format!("{}{suffix}", value.saturating_add(1)));
                if let Some(less) = value.checked_sub(1) {
                    self.value(literal, Kind::Constant, format!("{less}{suffix}"));
                }
            }
            Lit::Bool(value) => self.value(literal, Kind::Constant, (!value.value).to_string()),
            _ => {}
        }
    }

    fn option(&mut self, call: &syn::ExprCall) {
        if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some")) {
            self.value(call, Kind::Option, "None".to_owned());
        }
    }

    fn bound(&mut self, call: &syn::ExprMethodCall) {
        if ["min", "max"].contains(&&*call.method.to_string()) && call.args.len() == 1 {
            let sides = [self.text_of(&call.receiver).to_owned(), self.text_of(&call.args[0]).to_owned()];
            for side in sides {
                self.value(call, Kind::Bound, side);
            }
        }
    }

    /// The struct without each of its fields. Those that say where the base is are left.
    fn fields(&mut self, literal: &syn::ExprStruct) {
        let Some(base) = &literal.rest else { return };
        let (path, base) = (self.text_of(&literal.path).to_owned(), self.text_of(base).to_owned());
        for left_out in &literal.fields {
            let others = literal.fields.iter().filter(|field| field.member != left_out.member);
            let others: String = others.map(|field| format!("{}, ", self.text_of(field))).collect();
            let original = self.text_of(left_out).to_owned();
            let code = format!("{path} {{ {others}..{base} }}");
            let shown = format!("{path} {{ without `{original}` }}");
            self.add(
                left_out.span(),
                Kind::Field,
                range_of(literal),
                (&original, &shown),
                Switch::Value(code),
            );
        }
    }

    /// The arms without a guard that a wildcard behind them would take over.
    fn arms(&mut self, branches: &syn::ExprMatch) {
        let Some((last, others)) = branches.arms.split_last() else { return };
        if !matches!(last.pat, Pat::Wild(_)) {
            return;
        }
        for arm in others.iter().filter(|arm| !matches!(arm.pat, Pat::Guard(_))) {
            let end = range_of(&arm.pat).end;
            let original = self.text_of(&arm.pat).to_owned();
            let shown = format!("{original} => (as `_`)");
            let inserted = Switch::Inserted(" if !ON".to_owned());
            self.add(arm.pat.span(), Kind::Arm, end..end, (&original, &shown), inserted);
        }
    }
}

/// The original operator, if the other one differs from it only for equal sides.
fn operator_beside(other: &str, original: &BinOp) -> Option<&'static str> {
    match (original, other) {
        (BinOp::Lt(_), "<=") => Some("<"),
        (BinOp::Le(_), "<") => Some("<="),
        (BinOp::Gt(_), ">=") => Some(">"),
        (BinOp::Ge(_), ">") => Some(">="),
        _ => None,
    }
}

fn contains_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => contains_let(&binary.left) || contains_let(&binary.right),
        Expr::Paren(inner) => contains_let(&inner.expr),
        _ => false,
    }
}
