//! What people and CI read.
//!
//! A [`sweep`] is what a report is about. [`terminal`] shows it to people, [`json`] to programs, and
//! [`progress`] says how far it is. [`replay`] is about one run, compared with what was recorded of it, [`hunt`] about the defects that were found. Each further form (JUnit XML, the HTML timeline) is a module beside
//! these, made from the same [`sweep::SweepReport`].

pub mod believed;
pub mod hunt;
pub mod json;
pub mod progress;
pub mod replay;
pub mod sweep;
pub mod terminal;
