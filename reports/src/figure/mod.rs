//! Figures: a file of SVG for people, and the numbers beside it as CSV.
//!
//! A [`Figure`] is panels of series with axes, a caption that says what was measured, and the [`Table`] of all numbers.
//! [`svg`] and [`csv`](Table::csv) are functions of it alone: the same figure is the same bytes.

mod axis;
mod layout;
mod panel;
mod svg;
mod table;

pub use axis::{Axis, Scale};
pub use svg::svg;
pub use table::Table;

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its title, a line.
    pub title: String,
    /// The seeds, the parameters, and what was measured. It is broken into lines where it is drawn.
    pub caption: String,
    /// The panels, side by side.
    pub panels: Vec<Panel>,
    /// All numbers.
    pub table: Table,
}

/// A panel: series that share two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Its title, a line; empty for none.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The series, in the order of the legend.
    pub series: Vec<Series>,
}

/// Points of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// The way it is drawn.
    pub look: Look,
    /// Its points: x and y, or for an axis of names the position of the name, counted from 0.
    pub points: Vec<(f64, f64)>,
}

/// The way a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A line through marked points.
    Line,
    /// A line without marks.
    Plain,
    /// A dashed line without marks: something to compare with, which was not measured.
    Dashed,
    /// Marks alone.
    Marks,
    /// A bar from the left to each point; the vertical axis has names.
    Bars,
}

impl Series {
    /// A line through marked points.
    pub fn line(name: impl Into<String>, points: Vec<(f64, f64)>) -> Series {
        Series { name: name.into(), look: Look::Line, points }
    }

    /// The same series, drawn in another way.
    pub fn look(self, look: Look) -> Series {
        Series { look, ..self }
    }
}
