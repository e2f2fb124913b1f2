//! Every exporter against a reviewed snapshot.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p lambda-meter --test snapshots` rewrites the snapshots; review
//! the difference.

#[path = "common/measurement.rs"]
mod measurement;

use lambda_meter::analysis::Analysis;
use lambda_meter::cli::Cli;
use lambda_meter::compare::{compare, text};
use lambda_meter::export::{Paint, csv, html, json, markdown, terminal};
use lambda_meter::results::Results;
use lambda_meter::run::describe;
use measurement::{MockSource, matrix, measured, mocks, twice};
use std::fs;
use std::path::Path;

fn results() -> Results {
    let mut sources = mocks();
    sources[1] =
        Box::new(MockSource::new("<theirs>", lambda_meter::cost::Architecture::Arm64, 1_000_000).crashing(7));
    measured(&matrix(), sources)
}

fn check(name: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, drawn).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (drawn, expected)) in drawn.lines().zip(expected.lines()).enumerate() {
        assert_eq!(drawn, expected, "{name}, line {}; UPDATE_SNAPSHOTS=1 accepts it", number + 1);
    }
    assert_eq!(drawn.len(), expected.len(), "{name}; UPDATE_SNAPSHOTS=1 accepts it");
}

fn analysed() -> (Results, Analysis) {
    let results = results();
    let analysis = Analysis::of(&results, &results.header.prices);
    (results, analysis)
}

#[test]
fn the_table_of_a_terminal() {
    let (results, analysis) = analysed();
    check("terminal.txt", &terminal(&results, &analysis, Paint::Plain));
    let bold = terminal(&results, &analysis, Paint::Bold);
    let plain = bold.replace("\x1b[1m", "").replace("\x1b[0m", "");
    assert_eq!(plain, terminal(&results, &analysis, Paint::Plain), "colour says nothing of its own");
}

#[test]
fn markdown_tables() {
    let (results, analysis) = analysed();
    check("report.md", &markdown(&results, &analysis));
}

#[test]
fn csv_lines() {
    check("samples.csv", &csv(&results()));
}

#[test]
fn the_json_document() {
    let (results, analysis) = analysed();
    let text = json(&results, &analysis);
    check("report.json", &text);
    let back: Results = serde_json::from_str(&text).unwrap();
    assert_eq!(back, results, "a report can be drawn from it again");
}

#[test]
fn the_html_page() {
    let (results, analysis) = analysed();
    let page = html(&results, &analysis);
    check("report.html", &page);
    assert!(!page.contains("http") && !page.contains("<script"), "it works offline");
    assert!(!page.contains("<theirs>") && page.contains("&lt;theirs&gt;"), "names are no markup");
    assert!(page.contains("event at 512 MB, warm: ours is fastest; &lt;theirs&gt; takes 10 times as long."));
    assert!(page.contains("memory of ours: cheapest at 128 MB, fastest at 512 MB, balanced at 512 MB."));
    assert!(page.find("Mock CPU").unwrap() < page.find("<section>").unwrap(), "the environment is on top");
    assert!(page.contains("whisker") && page.contains("axis-title") && page.contains(">512 MB</text>"));
    assert!(!page.contains("NaN") && page.contains("prefers-color-scheme"));
}

#[test]
fn a_comparison() {
    let before = results();
    let mut after = before.clone();
    after.samples.iter_mut().filter(|sample| sample.cell == 1).for_each(|sample| sample.duration_ms *= 1.25);
    check("compare.txt", &text(&compare(&twice(&before), &twice(&after), 1.0)));
    check("compare-one-run.txt", &text(&compare(&[before], &[after], 1.0)));
}

#[test]
fn a_plan() {
    check("plan.txt", &describe(&results().header, 1_000.0));
}

#[test]
fn nothing_measured_is_drawn_as_well() {
    let mut empty = results();
    empty.samples.clear();
    let analysis = Analysis::of(&empty, &empty.header.prices);
    assert!(terminal(&empty, &analysis, Paint::Plain).contains("ours"));
    assert!(html(&empty, &analysis).ends_with("</html>\n"));
    assert_eq!(csv(&empty).lines().count(), 1);
}

#[test]
fn every_command_has_examples_and_a_manual_page() {
    let mut root = <Cli as clap::CommandFactory>::command();
    root.build();
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        let after = command.get_after_help().or(command.get_after_long_help()).map(ToString::to_string);
        assert!(after.is_some_and(|text| text.contains("Examples:")), "{}", command.get_name());
    }
}
