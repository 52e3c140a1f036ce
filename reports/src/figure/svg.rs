//! A figure as SVG: title, panels side by side, caption.

use super::layout::{LINE_PX, SMALL_PX, bold, font, lines};
use super::panel::{self, Area};
use super::{Figure, Panel, Scale};
use plotters::prelude::{IntoDrawingArea, SVGBackend, Text, WHITE};

/// The width of a figure, in pixels.
const WIDTH_PX: i32 = 960;

/// Beside and below everything, in pixels.
const MARGIN_PX: i32 = 16;

/// The title with its space, in pixels.
const TITLE_PX: i32 = 44;

/// Draws a figure. Its text is text, in the font that the browser has for `sans-serif`.
pub fn svg(figure: &Figure) -> String {
    let caption = lines(&figure.caption, WIDTH_PX - 2 * MARGIN_PX);
    let panels_px = figure.panels.iter().map(height_px).max().unwrap_or(0);
    let caption_at = TITLE_PX + panels_px + 12;
    let height = caption_at + caption.len() as i32 * LINE_PX + MARGIN_PX;
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH_PX as u32, height as u32)).into_drawing_area();
        let drawn = draw(figure, &caption, caption_at, panels_px, &root);
        drawn.expect("a string takes all that is written, and every area is larger than 0");
    }
    text
}

/// The height of a panel, in pixels: one with names is as high as they need.
fn height_px(panel: &Panel) -> i32 {
    match &panel.y.scale {
        Scale::Names(names) => 90 + 17 * names.len() as i32,
        _ => 380,
    }
}

fn draw(
    figure: &Figure,
    caption: &[String],
    caption_at: i32,
    panels_px: i32,
    root: &Area<'_>,
) -> Result<(), panel::Failed> {
    root.fill(&WHITE)?;
    root.draw(&Text::new(figure.title.clone(), (MARGIN_PX, 14), bold(18)))?;
    let each_px = (WIDTH_PX - 2 * MARGIN_PX) / figure.panels.len().max(1) as i32;
    // The plots begin at one height, however long the legends are.
    let head_px = figure.panels.iter().map(|panel| panel::head_px(panel, each_px)).max().unwrap_or(0);
    for (at, panel) in (0..).zip(&figure.panels) {
        let area = root.clone().shrink((MARGIN_PX + at * each_px, TITLE_PX), (each_px, panels_px));
        panel::draw(panel, &area, head_px)?;
    }
    for (at, line) in (0..).zip(caption) {
        let place = (MARGIN_PX, caption_at + at * LINE_PX);
        root.draw(&Text::new(line.clone(), place, font(SMALL_PX)))?;
    }
    root.present()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Axis, Look, Series, Table};

    fn figure() -> Figure {
        let fast = Series::line("a < b & c", vec![(1.0, 2.0), (10.0, 4.0)]);
        let bound = Series::line("bound", vec![(1.0, 5.0), (10.0, 5.0)]).look(Look::Dashed);
        let lines = Panel {
            title: "lines".to_owned(),
            x: Axis::log("round trip (ms)"),
            y: Axis::linear("latency (ms)"),
            series: vec![fast, bound],
        };
        let bars = Panel {
            title: String::new(),
            x: Axis::percent("share (%)"),
            y: Axis::names("", vec!["first".to_owned(), "second".to_owned()]),
            series: vec![Series::line("", vec![(50.0, 0.0), (100.0, 1.0)]).look(Look::Bars)],
        };
        Figure {
            title: "A figure".to_owned(),
            caption: "word ".repeat(100),
            panels: vec![lines, bars],
            table: Table::new(["x"]),
        }
    }

    #[test]
    fn a_figure_has_its_texts_as_text_and_is_the_same_each_time() {
        let drawn = svg(&figure());
        for text in ["A figure", "a &lt; b &amp; c", "round trip (ms)", "latency (ms)", "first", "100"] {
            assert!(drawn.lines().any(|line| line == text), "`{text}` is missing: {drawn}");
        }
        assert_eq!(drawn, svg(&figure()));
    }
}
