//! The examples of the documents: each command parses, and each table has the columns of today.
//!
//! `meter/readme-examples.py` regenerates the examples of meter/README.md.

use clap::Parser;
use lambda_meter::cli::Cli;
use std::fs;
use std::path::{Path, PathBuf};

fn documents() -> [PathBuf; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    [root.join("README.md"), root.join("../docs/measuring.md")]
}

/// The commands `lambda-meter ...` in the code blocks of a document, with their output.
fn examples(text: &str) -> Vec<(String, Vec<String>)> {
    let mut examples: Vec<(String, Vec<String>)> = Vec::new();
    let mut continued = false;
    let blocks = text.split("```").skip(1).step_by(2);
    for line in blocks.flat_map(|block| block.lines().skip(1)) {
        let command = line.strip_prefix("$ ");
        if let Some(command) = command {
            examples.push((String::new(), Vec::new()));
            continued = append(&mut examples, command);
        } else if continued {
            continued = append(&mut examples, line.trim_start());
        } else if let Some((_, output)) = examples.last_mut() {
            output.push(line.to_owned());
        }
    }
    examples.retain(|(command, _)| command.starts_with("lambda-meter "));
    examples
}

/// Adds a line to the last command; true when the command goes on.
fn append(examples: &mut [(String, Vec<String>)], line: &str) -> bool {
    let Some((command, _)) = examples.last_mut() else { return false };
    command.push_str(line.trim_end_matches('\\'));
    line.ends_with('\\')
}

/// Splits a command line at spaces outside of single quotes.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let mut words = vec![String::new()];
    for (index, part) in parts {
        for (position, piece) in part.split(' ').enumerate() {
            match words.last_mut() {
                Some(last) if index % 2 == 1 && position > 0 => last.push_str(&format!(" {piece}")),
                Some(last) if position == 0 => last.push_str(piece),
                _ => words.push(piece.to_owned()),
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_of_the_documents_parses() {
    let mut count = 0;
    for path in documents() {
        for (command, _) in examples(&fs::read_to_string(&path).unwrap()) {
            let parsed = Cli::try_parse_from(words(&command));
            assert!(parsed.is_ok(), "{}: {command}\n{}", path.display(), parsed.unwrap_err());
            count += 1;
        }
    }
    assert!(count >= 3, "the documents have examples: {count}");
}

/// The headings of a table, which are at least two spaces apart.
fn columns(line: &str) -> Vec<String> {
    line.split("  ").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_printed_table_has_the_columns_of_the_tool() {
    let snapshot = include_str!("snapshots/terminal.txt");
    let known: Vec<String> = snapshot.lines().flat_map(columns).collect();
    let readme = fs::read_to_string(&documents()[0]).unwrap();
    let mut count = 0;
    for (command, output) in examples(&readme) {
        let headings =
            output.iter().filter(|line| line.starts_with("target ") || line.starts_with("memory  "));
        for heading in headings {
            for column in columns(heading) {
                assert!(known.contains(&column), "{command}: the tool prints no column {column:?}");
            }
            count += 1;
        }
    }
    assert!(count >= 1, "the README prints a table");
}
