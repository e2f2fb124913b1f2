//! A table of texts, for a terminal or for Markdown.

use comfy_table::CellAlignment;
use comfy_table::presets::NOTHING;

/// Spaces between two columns.
const GAP: u16 = 2;

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// For words.
    Left,
    /// For numbers.
    Right,
}

/// Rows of texts under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            columns: columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, a text for each column.
    pub fn row(&mut self, texts: Vec<String>) {
        debug_assert_eq!(texts.len(), self.columns.len());
        self.rows.push(texts);
    }

    /// This table without its empty columns.
    #[must_use]
    pub fn without_empty_columns(self) -> Self {
        let keep: Vec<bool> = (0..self.columns.len())
            .map(|column| self.rows.iter().any(|row| !row[column].is_empty()))
            .collect();
        let kept =
            |texts: Vec<String>| texts.into_iter().zip(&keep).filter(|(_, keep)| **keep).map(|it| it.0);
        Self {
            columns: self.columns.into_iter().zip(&keep).filter(|(_, keep)| **keep).map(|it| it.0).collect(),
            rows: self.rows.into_iter().map(|row| kept(row).collect()).collect(),
        }
    }

    /// The headings and alignments.
    #[must_use]
    pub fn columns(&self) -> &[(String, Align)] {
        &self.columns
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// Columns aligned by spaces, without trailing spaces; the first line is the heading.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).set_header(self.columns.iter().map(|(name, _)| name)).add_rows(&self.rows);
        for (column, (_, align)) in table.column_iter_mut().zip(&self.columns) {
            column.set_padding((0, GAP)).set_cell_alignment(match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
        table.trim_fmt() + "\n"
    }

    /// The table in GitHub's Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let escaped = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let line = |texts: Vec<String>| format!("| {} |\n", texts.join(" | "));
        let rule = |align: &Align| if *align == Align::Right { "--:" } else { ":--" }.to_owned();
        let mut out = line(self.columns.iter().map(|(name, _)| escaped(name)).collect());
        out += &line(self.columns.iter().map(|(_, align)| rule(align)).collect());
        for row in &self.rows {
            out += &line(row.iter().map(|text| escaped(text)).collect());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[("name", Align::Left), ("empty", Align::Left), ("±", Align::Right)]);
        table.row(vec!["a|b".to_owned(), String::new(), "1 ± 2".to_owned()]);
        table.row(vec!["longer".to_owned(), String::new(), "10".to_owned()]);
        table.without_empty_columns()
    }

    #[test]
    fn columns_are_aligned_by_characters() {
        assert_eq!(table().plain(), "name        ±\na|b     1 ± 2\nlonger     10\n");
    }

    #[test]
    fn bars_are_escaped() {
        assert_eq!(table().markdown(), "| name | ± |\n| :-- | --: |\n| a\\|b | 1 ± 2 |\n| longer | 10 |\n");
    }
}
