//! A panel: its title, its legend, its axes and its series.

use super::axis::Span;
use super::layout::{LINE_PX, SMALL_PX, bold, font, width_px};
use super::{Look, Panel, Scale, Series};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::prelude::{
    Cartesian2d, Circle, Color, DashedLineSeries, DrawingArea, DrawingAreaErrorKind, LineSeries, PathElement,
    RGBColor, Rectangle, SVGBackend, Text,
};
use std::io;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Failed = DrawingAreaErrorKind<io::Error>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Span, Span>>;

/// Colours that people with any kind of colour vision tell apart (Okabe and Ito).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

const GREY: RGBColor = RGBColor(110, 110, 110);
const PALE: RGBColor = RGBColor(225, 225, 225);

/// The title of a panel with its space, in pixels.
const TITLE_PX: i32 = 24;

/// The mark of a series in the legend with its space, in pixels.
const MARK_PX: i32 = 26;

/// The look of one series: every second one is thinner, so that it does not cover the one below where both are the same.
#[derive(Clone, Copy)]
struct Pen {
    colour: RGBColor,
    stroke_px: u32,
    radius_px: i32,
}

impl Pen {
    fn of(series: &Series, at: usize) -> Pen {
        let colour = if series.look == Look::Dashed { GREY } else { COLOURS[at % COLOURS.len()] };
        let (stroke_px, radius_px) = if at.is_multiple_of(2) { (3, 4) } else { (2, 2) };
        Pen { colour, stroke_px, radius_px }
    }
}

/// The height of title and legend in an area of this width, in pixels.
pub(super) fn head_px(panel: &Panel, width: i32) -> i32 {
    let title = if panel.title.is_empty() { 0 } else { TITLE_PX };
    let legend = legend(panel, width).last().map_or(0, |(_, (_, top))| top + LINE_PX + 4);
    title + legend
}

/// Draws a panel into an area, whose plot begins below `head_px`.
pub(super) fn draw(panel: &Panel, area: &Area<'_>, head_px: i32) -> Result<(), Failed> {
    let (width, height) = area.dim_in_pixel();
    let mut top = 0;
    if !panel.title.is_empty() {
        area.draw(&Text::new(panel.title.clone(), (0, 0), bold(14)))?;
        top = TITLE_PX;
    }
    for (at, (left, below)) in legend(panel, width as i32) {
        draw_name(&panel.series[at], at, (left, top + below), area)?;
    }
    let area = area.clone().shrink((0, head_px), (width as i32, height as i32 - head_px));
    let values = |axis: usize| {
        let points = panel.series.iter().flat_map(|series| series.points.iter());
        points.map(move |point| if axis == 0 { point.0 } else { point.1 })
    };
    let (x, y) = (Span::of(&panel.x.scale, values(0)), Span::of(&panel.y.scale, values(1)));
    let (ticks, from) = ((x.ticks(), y.ticks()), x.from());
    let names = match &panel.y.scale {
        Scale::Names(names) => names.iter().map(|name| width_px(name, SMALL_PX)).max(),
        _ => None,
    };
    let has_label = i32::from(!panel.y.label.is_empty());
    let mut chart = ChartBuilder::on(&area)
        .margin_right(24)
        .margin_top(8)
        .x_label_area_size(48)
        .y_label_area_size(names.unwrap_or(40) + 10 + 22 * has_label)
        .build_cartesian_2d(x, y)?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc(panel.x.label.clone())
        .y_desc(panel.y.label.clone())
        .x_labels(ticks.0)
        .y_labels(ticks.1)
        .bold_line_style(PALE)
        .axis_style(GREY)
        .label_style(font(SMALL_PX))
        .axis_desc_style(font(13));
    if names.is_some() {
        mesh.disable_y_mesh();
    }
    mesh.draw()?;
    let mut bars = 0;
    let all_bars = panel.series.iter().filter(|series| series.look == Look::Bars).count();
    for (at, series) in panel.series.iter().enumerate() {
        draw_series(&mut chart, series, Pen::of(series, at), (bars, all_bars), from)?;
        bars += usize::from(series.look == Look::Bars);
    }
    Ok(())
}

/// The places of the names of series, below the title: as many in a line as there is room for.
fn legend(panel: &Panel, width: i32) -> Vec<(usize, (i32, i32))> {
    let (mut places, mut left, mut top) = (Vec::new(), 4, 0);
    let named = |series: &Series| !series.name.is_empty() && !series.points.is_empty();
    for (at, series) in panel.series.iter().enumerate().filter(|(_, series)| named(series)) {
        let wide = MARK_PX + width_px(&series.name, SMALL_PX) + 14;
        if left > 4 && left + wide > width {
            (left, top) = (4, top + LINE_PX);
        }
        places.push((at, (left, top)));
        left += wide;
    }
    places
}

/// Draws the name of a series with its mark.
fn draw_name(series: &Series, at: usize, (left, top): (i32, i32), area: &Area<'_>) -> Result<(), Failed> {
    let (pen, middle) = (Pen::of(series, at), top + SMALL_PX / 2 + 1);
    let line = |from: i32, to: i32| {
        let ends = vec![(left + from, middle), (left + to, middle)];
        area.draw(&PathElement::new(ends, pen.colour.stroke_width(pen.stroke_px)))
    };
    match series.look {
        Look::Line | Look::Plain => line(0, 20)?,
        Look::Dashed => {
            line(0, 8)?;
            line(12, 20)?;
        }
        Look::Marks => {}
        Look::Bars => {
            let corners = [(left, middle - 4), (left + 20, middle + 4)];
            area.draw(&Rectangle::new(corners, pen.colour.filled()))?;
        }
    }
    if matches!(series.look, Look::Line | Look::Marks) {
        area.draw(&Circle::new((left + 10, middle), pen.radius_px, pen.colour.filled()))?;
    }
    area.draw(&Text::new(series.name.clone(), (left + MARK_PX, top), font(SMALL_PX)))
}

/// Draws the points of a series. `bar` is its place among those that are drawn as bars, and how many those are.
fn draw_series(
    chart: &mut Chart<'_, '_>,
    series: &Series,
    pen: Pen,
    bar: (usize, usize),
    from: f64,
) -> Result<(), Failed> {
    let (points, stroke) = (series.points.clone(), pen.colour.stroke_width(pen.stroke_px));
    match series.look {
        Look::Line | Look::Plain => {
            chart.draw_series(LineSeries::new(points, stroke))?;
        }
        Look::Dashed => {
            chart.draw_series(DashedLineSeries::new(points, 10, 6, pen.colour.stroke_width(1)))?;
        }
        Look::Marks => {}
        Look::Bars => {
            let high = 0.76 / bar.1 as f64;
            let upper = bar.0 as f64 * high - 0.38;
            chart.draw_series(points.into_iter().map(|(x, y)| {
                Rectangle::new([(from, y + upper), (x, y + upper + high)], pen.colour.filled())
            }))?;
        }
    }
    if matches!(series.look, Look::Line | Look::Marks) {
        let marks = series.points.iter();
        chart.draw_series(marks.map(|&point| Circle::new(point, pen.radius_px, pen.colour.filled())))?;
    }
    Ok(())
}
