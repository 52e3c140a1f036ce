//! The numbers of a figure, as CSV (RFC 4180).

use std::fmt::Write;

/// A table of numbers and names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns, whose names end with their units.
    pub fn new<const N: usize>(columns: [&str; N]) -> Table {
        Table { columns: columns.map(str::to_owned).into(), rows: Vec::new() }
    }

    /// Adds a row: as many cells as there are columns. A number is told by [`number`](Table::number).
    pub fn push<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.columns.len(), "a cell for each column");
        self.rows.push(cells.into());
    }

    /// A number in at most six decimals, without zeros at the end. One that is not there is an empty cell.
    pub fn number(value: impl Into<Option<f64>>) -> String {
        let Some(value) = value.into() else { return String::new() };
        let text = format!("{value:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// The table as text: a line with the names of the columns, and one for each row.
    pub fn csv(&self) -> String {
        let mut text = String::new();
        for line in std::iter::once(&self.columns).chain(&self.rows) {
            let cells: Vec<String> = line.iter().map(|cell| quoted(cell)).collect();
            let _ = writeln!(text, "{}", cells.join(","));
        }
        text
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_cell_is_quoted() {
        let mut table = Table::new(["name", "took_ms"]);
        table.push(["a, \"b\"".to_owned(), Table::number(1.5)]);
        table.push(["c".to_owned(), Table::number(None)]);
        table.push(["d".to_owned(), Table::number(1_200.0)]);
        assert_eq!(table.csv(), "name,took_ms\n\"a, \"\"b\"\"\",1.5\nc,\nd,1200\n");
    }
}
