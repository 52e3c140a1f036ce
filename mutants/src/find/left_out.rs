//! Statements that can be left out, and the places where an expression is a statement.

use super::{Finder, is_diagnostic, range_of};
use crate::mutant::{Kind, Switch};
use std::ops::Range;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Stmt};

impl Finder<'_> {
    /// Finds the statements of a block, but for the expression at its end.
    pub(super) fn statements(&mut self, block: &Block) {
        for (position, statement) in block.stmts.iter().enumerate() {
            match statement {
                Stmt::Expr(expr, Some(_)) => {
                    self.leave_out(expr, range_of(statement));
                    self.unit(expr);
                }
                Stmt::Expr(expr, None) if position + 1 < block.stmts.len() => self.unit(expr),
                _ => {}
            }
        }
    }

    /// The bodies of loops, which have no value.
    pub(super) fn unit_bodies(&mut self, expr: &Expr) {
        match expr {
            Expr::ForLoop(repeat) => self.unit_block(&repeat.body),
            Expr::While(repeat) => self.unit_block(&repeat.body),
            Expr::Loop(repeat) => self.unit_block(&repeat.body),
            _ => {}
        }
    }

    /// A block whose last expression has no value.
    pub(super) fn unit_block(&mut self, block: &Block) {
        if let Some(Stmt::Expr(expr, None)) = block.stmts.last() {
            self.leave_out(expr, range_of(expr));
            self.unit(expr);
        }
    }

    /// An expression without a value: looks at the ends of its branches.
    fn unit(&mut self, expr: &Expr) {
        match expr {
            Expr::Block(block) => self.unit_block(&block.block),
            Expr::If(branch) => {
                self.unit_block(&branch.then_branch);
                if let Some((_, otherwise)) = &branch.else_branch {
                    self.unit(otherwise);
                }
            }
            Expr::Match(branches) => {
                for arm in &branches.arms {
                    self.leave_out(&arm.body, range_of(&arm.body));
                    self.unit(&arm.body);
                }
            }
            _ => {}
        }
    }

    fn leave_out(&mut self, expr: &Expr, range: Range<usize>) {
        let kind = match expr {
            Expr::Assign(_) => Kind::Statement,
            Expr::Binary(binary) if is_assignment(&binary.op) => Kind::Statement,
            Expr::MethodCall(call) if !is_diagnostic(&call.method.to_string()) => Kind::Statement,
            Expr::Call(call) if !makes_value(&call.func) => Kind::Statement,
            Expr::Try(tried) if matches!(*tried.expr, Expr::Call(_) | Expr::MethodCall(_)) => Kind::Check,
            _ => return,
        };
        let for_observers =
            ["MemberEvent", "Output::Event"].iter().any(|name| self.text_of(expr).contains(name));
        let is_mark = ["reach(", "reach_if("].iter().any(|call| self.text_of(expr).starts_with(call));
        if for_observers || is_mark || !self.seen.insert((range.start, range_of(expr).end)) {
            return;
        }
        let original = self.text_of(expr).to_owned();
        self.add(expr.span(), kind, range, (&original, "(left out)"), Switch::LeftOut);
    }
}

fn is_assignment(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

fn makes_value(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if ["Ok", "Err", "Some"].iter().any(|name| path.path.is_ident(name)))
}
