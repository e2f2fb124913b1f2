//! A self-contained HTML page: no script, font or link; light and dark, wide and narrow.

mod curves;
mod headline;
mod labels;
mod scale;
mod strips;
mod svg;
mod trends;

use super::{Align, Table, main_table, origin, published_table};
use crate::analysis::Analysis;
use crate::results::{Results, Sample};
use std::fmt::Write;
pub use svg::Escaped;

/// All figures as an HTML page.
#[must_use]
pub fn html(results: &Results, analysis: &Analysis) -> String {
    let header = &results.header;
    let title = match &header.targets[..] {
        [only] => only.name.clone(),
        [first, second] => format!("{} and {}", first.name, second.name),
        [first, rest @ ..] => format!("{} and {} others", first.name, rest.len()),
        [] => "nothing".to_owned(),
    };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{0}: lambda-meter</title>\n\
         <style>\n{1}</style>\n</head>\n<body>\n<main>\n<header><h1>{0}</h1>\n{2}{3}</header>\n",
        Escaped(&title),
        include_str!("style.css"),
        headline::headline(results, analysis),
        facts(results)
    );
    for event in &header.events {
        section(&mut out, results, analysis, &event.name);
    }
    if !analysis.published.is_empty() {
        let _ = writeln!(
            out,
            "<section><h2>Published, and measured here</h2>{}</section>",
            table(&published_table(&analysis.published))
        );
    }
    functions(&mut out, results);
    out += "<section><h2>Remarks</h2><ul>\n";
    for remark in analysis.remarks.iter().chain([&origin(results)]) {
        let _ = writeln!(out, "<li>{}</li>", Escaped(remark));
    }
    out + "</ul></section>\n</main>\n</body>\n</html>\n"
}

/// The environment of the measurement, as a list.
fn facts(results: &Results) -> String {
    let header = &results.header;
    let environment = &header.environment;
    // Functions on Lambda tell neither their kernel nor its load.
    let local = |text: String| if environment.kernel.is_empty() { String::new() } else { text };
    let facts = [
        ("date", header.created.get(..10).unwrap_or_default().to_owned()),
        ("samples", results.samples.len().to_string()),
        ("processor", environment.processor()),
        ("load at the start", local(format!("{:.1}", environment.load))),
        ("kernel", local(format!("Linux {}", environment.kernel))),
        ("tool", header.tool.clone()),
        ("prices", header.prices.source.clone()),
    ];
    let mut out = "<dl class=\"facts\">".to_owned();
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(&value));
    }
    out + "</dl>"
}

fn section(out: &mut String, results: &Results, analysis: &Analysis, event: &str) {
    let targets: Vec<&str> = results.header.targets.iter().map(|target| target.name.as_str()).collect();
    let rows: Vec<_> = analysis.cells.iter().filter(|figures| figures.cell.event == event).collect();
    let _ = write!(out, "<section><h2>{}</h2>\n{}", Escaped(event), table(&main_table(&rows)));
    let charts = [
        trends::trends(results, event, &targets),
        strips::strips(results, event, "Duration", |sample| Some(sample.duration_ms)),
        strips::strips(results, event, "Init", |sample: &Sample| sample.init_duration_ms),
        curves::cost_against_time(analysis, event, &targets),
        curves::over_memory(analysis, event, &targets),
    ];
    for chart in charts.into_iter().flatten() {
        let _ = writeln!(out, "{chart}");
    }
    *out += "</section>\n";
}

/// The table of functions, with what identifies each.
fn functions(out: &mut String, results: &Results) {
    let mut functions = Table::new(&[
        ("function", Align::Left),
        ("kind", Align::Left),
        ("architecture", Align::Left),
        ("package", Align::Left),
        ("size", Align::Right),
        ("SHA-256", Align::Left),
        ("revision", Align::Left),
    ]);
    for target in &results.header.targets {
        functions.row(vec![
            target.name.clone(),
            target.kind.clone(),
            target.architecture.to_string(),
            target.package.clone().unwrap_or_default(),
            target.size.map_or_else(String::new, |size| format!("{} KB", size.div_ceil(1_024))),
            target.sha256.as_ref().map_or_else(String::new, |digest| digest.chars().take(16).collect()),
            target.revision.as_ref().map_or_else(String::new, |revision| revision.chars().take(18).collect()),
        ]);
    }
    let _ =
        writeln!(out, "<section><h2>Functions</h2>{}</section>", table(&functions.without_empty_columns()));
}

fn table(table: &Table) -> String {
    let class = |align: Align| if align == Align::Right { " class=\"number\"" } else { "" };
    let mut out = "<div class=\"scroll\"><table><thead><tr>".to_owned();
    for (name, align) in table.columns() {
        let _ = write!(out, "<th{}>{}</th>", class(*align), Escaped(name));
    }
    out += "</tr></thead><tbody>\n";
    for row in table.rows() {
        out += "<tr>";
        for (text, (_, align)) in row.iter().zip(table.columns()) {
            let _ = write!(out, "<td{}>{}</td>", class(*align), Escaped(text));
        }
        out += "</tr>\n";
    }
    out + "</tbody></table></div>\n"
}
