//! Curves: in steps, with a band, or from point to point. Told apart by dashes and markers as well as by colour.

use std::fmt::Write as _;

use super::{
    axis::Axis,
    column, number,
    svg::{Svg, WIDTH, width},
    value, words,
};
use crate::page::Table;

const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 16.0;
const PLOT: f64 = 260.0;
/// Kinds of lines there are; a further series takes the first again.
const STYLES: usize = 6;

/// One curve. A withheld or empty point breaks it.
struct Curve {
    name: String,
    points: Vec<Option<Point>>,
}

#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
    band: Option<(f64, f64)>,
}

/// Curves that stay level and change in steps.
pub(super) fn steps(
    table: &Table,
    (x, y): (&str, &str),
    band: Option<(&str, &str)>,
    series: Option<&str>,
    id: &str,
    title: &str,
) -> Option<String> {
    let curves = curves(table, (x, y), band, series)?;
    Some(draw(&curves, (x, y), true, id, title))
}

/// Points joined by lines.
pub(super) fn lines(
    table: &Table,
    (x, y): (&str, &str),
    series: Option<&str>,
    id: &str,
    title: &str,
) -> Option<String> {
    let curves = curves(table, (x, y), None, series)?;
    Some(draw(&curves, (x, y), false, id, title))
}

fn curves(
    table: &Table,
    (x, y): (&str, &str),
    band: Option<(&str, &str)>,
    series: Option<&str>,
) -> Option<Vec<Curve>> {
    let (x, y) = (column(table, x)?, column(table, y)?);
    let band = band.and_then(|(low, high)| Some((column(table, low)?, column(table, high)?)));
    let series = series.and_then(|series| column(table, series));
    let mut curves: Vec<Curve> = Vec::new();
    for row in &table.rows {
        let name = series.map(|series| words(&row[series])).unwrap_or_default();
        let point = value(&row[x]).zip(value(&row[y])).map(|(x, y)| {
            let band = band.and_then(|(low, high)| value(&row[low]).zip(value(&row[high])));
            Point { x, y, band }
        });
        match curves.iter_mut().find(|curve| curve.name == name) {
            Some(curve) => curve.points.push(point),
            None => curves.push(Curve { name, points: vec![point] }),
        }
    }
    curves.iter().any(|curve| curve.points.iter().flatten().next().is_some()).then_some(curves)
}

fn draw(curves: &[Curve], (x_name, y_name): (&str, &str), in_steps: bool, id: &str, title: &str) -> String {
    let mut svg = Svg::default();
    let top = legend(&mut svg, curves) + 22.0;
    let bottom = top + PLOT;
    let points = || curves.iter().flat_map(|curve| curve.points.iter().flatten());
    let heights = points().flat_map(|point| {
        let (low, high) = point.band.unwrap_or((point.y, point.y));
        [point.y, low, high]
    });
    let is_share = heights.clone().all(|height| (0.0..=1.0).contains(&height));
    let (floor, ceiling) = if is_share { (Some(0.0), Some(1.0)) } else { (None, None) };
    let up = Axis::over(heights.chain(floor).chain(ceiling), bottom, top);
    let along = Axis::over(points().map(|point| point.x), LEFT, RIGHT);
    frame(&mut svg, up, along, (top, bottom), (x_name, y_name));
    for (at, curve) in curves.iter().enumerate() {
        for run in curve.points.split(Option::is_none) {
            let run: Vec<Point> = run.iter().flatten().copied().collect();
            draw_band(&mut svg, at % STYLES, &run, in_steps, along, up);
        }
    }
    for (at, curve) in curves.iter().enumerate() {
        for run in curve.points.split(Option::is_none) {
            let run: Vec<Point> = run.iter().flatten().copied().collect();
            draw_run(&mut svg, at % STYLES, &run, in_steps, along, up);
        }
    }
    svg.done(id, bottom + 46.0, title, &told(curves, x_name, y_name))
}

/// The names of the curves beside a piece of each; how high that is.
fn legend(svg: &mut Svg, curves: &[Curve]) -> f64 {
    if curves.len() < 2 && curves.iter().all(|curve| curve.name.is_empty()) {
        return 0.0;
    }
    let (mut x, mut y) = (LEFT, 14.0);
    for (at, curve) in curves.iter().enumerate() {
        let wide = 44.0 + width(&curve.name) + 18.0;
        if x > LEFT && x + wide > RIGHT {
            (x, y) = (LEFT, y + 20.0);
        }
        let style = at % STYLES;
        svg.put(format_args!("<path class=\"curve s{style}\" d=\"M{x:.1} {:.1}h36\"/>", y - 4.0));
        marker(svg, style, x + 18.0, y - 4.0);
        svg.text(x + 44.0, y, "start", &curve.name);
        x += wide;
    }
    y + 6.0
}

fn frame(svg: &mut Svg, up: Axis, along: Axis, (top, bottom): (f64, f64), (x_name, y_name): (&str, &str)) {
    for (y, text) in up.ticks() {
        svg.line("grid", (LEFT, y), (RIGHT, y));
        svg.text(LEFT - 8.0, y + 4.0, "end", &text);
    }
    for (x, text) in along.ticks() {
        svg.line("axis", (x, bottom), (x, bottom + 5.0));
        let anchor = if x > RIGHT - 20.0 { "end" } else { "middle" };
        svg.text(x, bottom + 19.0, anchor, &text);
    }
    svg.line("axis", (LEFT, bottom), (RIGHT, bottom));
    svg.text(f64::midpoint(LEFT, RIGHT), bottom + 38.0, "middle", x_name);
    svg.text(8.0, top - 9.0, "start", y_name);
}

/// The way of a curve through its points.
fn path(points: &[(f64, f64)], in_steps: bool) -> String {
    let mut way = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let _ = match (at, in_steps) {
            (0, _) => write!(way, "M{x:.1} {y:.1}"),
            (_, true) => write!(way, "H{x:.1}V{y:.1}"),
            (_, false) => write!(way, "L{x:.1} {y:.1}"),
        };
    }
    way
}

fn draw_band(svg: &mut Svg, style: usize, run: &[Point], in_steps: bool, along: Axis, up: Axis) {
    let edge = |which: fn((f64, f64)) -> f64| -> Vec<(f64, f64)> {
        let points = run.iter().filter_map(|point| Some((along.at(point.x), up.at(which(point.band?)))));
        points.collect()
    };
    let (lower, upper) = (edge(|band| band.0), edge(|band| band.1));
    if upper.len() < 2 {
        return;
    }
    let mut way = path(&upper, in_steps);
    // Back along the lower edge: down first and then left, as the steps of it lie.
    for (at, (x, y)) in lower.iter().enumerate().rev() {
        let _ = if in_steps && at + 1 < lower.len() {
            write!(way, "V{y:.1}H{x:.1}")
        } else {
            write!(way, "L{x:.1} {y:.1}")
        };
    }
    svg.put(format_args!("<path class=\"band s{style}\" d=\"{way}Z\"/>"));
}

fn draw_run(svg: &mut Svg, style: usize, run: &[Point], in_steps: bool, along: Axis, up: Axis) {
    let points: Vec<(f64, f64)> = run.iter().map(|point| (along.at(point.x), up.at(point.y))).collect();
    let Some(last) = points.last() else { return };
    svg.put(format_args!("<path class=\"curve s{style}\" d=\"{}\"/>", path(&points, in_steps)));
    let few = !in_steps && points.len() <= 60;
    for (x, y) in points.iter().filter(|_| few) {
        marker(svg, style, *x, *y);
    }
    if !few {
        marker(svg, style, last.0, last.1);
    }
}

/// A mark whose shape tells the curve as its colour does.
fn marker(svg: &mut Svg, style: usize, x: f64, y: f64) {
    let shape = match style % 3 {
        0 => format!("M{:.1} {y:.1}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z", x - 3.5),
        1 => format!("M{:.1} {:.1}h7v7h-7Z", x - 3.5, y - 3.5),
        _ => format!("M{x:.1} {:.1}l4.5 8h-9Z", y - 5.0),
    };
    svg.put(format_args!("<path class=\"mark s{style}\" d=\"{shape}\"/>"));
}

/// What the drawing shows, in words.
fn told(curves: &[Curve], x_name: &str, y_name: &str) -> String {
    let mut text = format!("{y_name} along {x_name}.");
    for curve in curves {
        let mut points = curve.points.iter().flatten();
        let (Some(first), last) = (points.next(), points.next_back()) else {
            let _ = write!(text, " {}: withheld.", curve.name);
            continue;
        };
        let last = last.unwrap_or(first);
        let name = if curve.name.is_empty() { String::new() } else { format!("{}: ", curve.name) };
        let [x0, y0, x1, y1] = [first.x, first.y, last.x, last.y].map(number);
        let _ = write!(text, " {name}from {y0} at {x0} to {y1} at {x1}.");
    }
    text
}
