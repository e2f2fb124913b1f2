//! A matrix in a TOML file.

use super::{Draft, MatrixError, keys};
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;

/// Reads a matrix file; the paths in it are relative to the file's folder.
///
/// # Errors
///
/// When the file cannot be read, is not TOML, or has an unknown key.
pub fn read(path: &Path) -> Result<Draft, MatrixError> {
    let text = fs::read_to_string(path)
        .map_err(|source| MatrixError::Unreadable { path: path.to_owned(), source })?;
    let malformed = |error: toml::de::Error| MatrixError::Malformed {
        path: path.to_owned(),
        problem: error.to_string().trim_end().to_owned(),
    };
    keys::check(&text.parse::<Table>().map_err(malformed)?)?;
    let mut draft: Draft = toml::from_str(&text).map_err(malformed)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = draft.events.iter_mut().filter_map(|event| event.file.as_mut());
    let targets = draft
        .targets
        .iter_mut()
        .flat_map(|target| target.binary.iter_mut().chain(&mut target.extensions).chain(&mut target.layers));
    for file in files.chain(targets) {
        *file = relative_to(folder, file);
    }
    Ok(draft)
}

fn relative_to(folder: &Path, path: &Path) -> PathBuf {
    if path == Path::new("-") { path.to_owned() } else { folder.join(path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Architecture;
    use crate::matrix::{Matrix, Place, Start};

    fn read_text(text: &str) -> Result<Draft, MatrixError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("matrix.toml");
        fs::write(&path, text).unwrap();
        read(&path).map(|mut draft| {
            for binary in draft.targets.iter_mut().filter_map(|target| target.binary.as_mut()) {
                *binary = binary.strip_prefix(folder.path()).map_or_else(|_| binary.clone(), Path::to_owned);
            }
            draft
        })
    }

    fn plan(text: &str) -> Result<Matrix, String> {
        read_text(text).map_err(|error| error.to_string())?.plan().map_err(|error| error.to_string())
    }

    const SMALL: &str = r#"
        memory = [512, 128, 512]
        cold = 2
        [[target]]
        name = "ours"
        binary = "bin/bootstrap"
        env = { B = "2", A = "1" }
        [[target]]
        name = "rie"
        endpoint = "http://127.0.0.1:9000"
        memory = [256]
        architecture = "arm64"
        [[event]]
        json = "{}"
    "#;

    #[test]
    fn a_file_becomes_a_plan_with_its_defaults() {
        let matrix = plan(SMALL).unwrap();
        assert_eq!((matrix.runs, matrix.cold, matrix.warmup, matrix.baseline.as_str()), (10, 2, 1, "ours"));
        let [ours, rie] = &matrix.targets[..] else { panic!("{matrix:?}") };
        assert_eq!(ours.place, Place::Binary("bin/bootstrap".into()));
        assert_eq!((ours.memory.as_slice(), rie.memory.as_slice()), (&[128, 512][..], &[256][..]));
        assert_eq!(rie.architecture, Some(Architecture::Arm64));
        assert_eq!(ours.variables[0], ("A".to_owned(), "1".to_owned()));
        let starts: Vec<(usize, u64, Start)> =
            matrix.cells().iter().map(|cell| (cell.target, cell.memory, cell.start)).collect();
        let (cold, warm) = (Start::Cold, Start::Warm);
        let expected = [(0, 128, cold), (0, 128, warm), (0, 512, cold), (0, 512, warm), (1, 256, warm)];
        assert_eq!(starts, expected, "an endpoint cannot be made cold");
        assert_eq!(matrix.steps(&matrix.cells()).len(), 2 * (2 + 10) + 10);
    }

    #[test]
    fn both_starts_are_measured_unless_one_is_asked_for() {
        let text = "[[target]]\nbinary = \"a\"\n[[event]]\njson = \"{}\"\n";
        let counts = |text: &str| plan(text).map(|matrix| (matrix.cold, matrix.runs)).unwrap();
        assert_eq!(counts(text), (10, 10));
        assert_eq!(counts(&format!("runs = 20\n{text}")), (0, 20));
        assert_eq!(counts(&format!("cold = 20\n{text}")), (20, 10));
    }

    #[test]
    fn the_files_of_this_repository_are_plans() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let comparators = ["matrix", "nothing", "published", "rust/variants"]
            .map(|name| format!("../lab/comparators/{name}.toml"));
        for name in comparators.iter().map(String::as_str).chain(["matrices/published.toml"]) {
            let matrix = read(&root.join(name)).unwrap().plan();
            assert!(matrix.is_ok_and(|matrix| matrix.cold + matrix.runs > 0), "{name}");
        }
    }

    #[test]
    fn extensions_and_layers_are_relative_to_the_file() {
        let text = "[[target]]\nbinary = \"a\"\nextensions = [\"x\"]\nlayers = [\"/l.zip\"]\n\
                    [[event]]\njson = \"{}\"\n";
        let matrix = plan(text).unwrap();
        let target = &matrix.targets[0];
        assert!(target.extensions[0].is_absolute() && target.extensions[0].ends_with("x"));
        assert_eq!(target.layers, [Path::new("/l.zip")]);
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let over = Draft { runs: Some(9), memory: Some(vec![1_024]), ..Draft::default() };
        let matrix = read_text(SMALL).unwrap().merge(over).plan().unwrap();
        assert_eq!((matrix.runs, matrix.cold), (9, 2));
        assert_eq!((matrix.targets[0].memory[0], matrix.targets[1].memory[0]), (1_024, 256));
    }

    #[test]
    fn mistakes_name_the_remedy() {
        let event = "[[event]]\njson = \"{}\"\n";
        let target = "[[target]]\nbinary = \"a\"\n";
        let cases = [
            (
                "memmory = [1]".to_owned(),
                "the file has the unknown key memmory\n  hint: did you mean memory? the keys are",
            ),
            (
                format!("{target}nmae = \"x\"\n"),
                "[[target]] has the unknown key nmae\n  hint: did you mean name?",
            ),
            (format!("{event}flie = \"x\"\n"), "did you mean file?"),
            ("runs = \"five\"".to_owned(), "runs = \"five\""),
            ("runs = ".to_owned(), "cannot be parsed"),
            (event.to_owned(), "--binary NAME=PATH"),
            (target.to_owned(), "--event FILE"),
            (
                format!("[[target]]\nname = \"n\"\n{event}"),
                "the target n needs a binary, an image or an endpoint",
            ),
            (format!("{target}{target}{event}"), "two targets named a"),
            (format!("{target}{event}{event}"), "two events named {}"),
            (format!("memory = [127]\n{target}{event}"), "127 MB; allowed is 128 to 10240 MB"),
            (format!("memory = []\n{target}{event}"), "the target a has no memory size"),
            (format!("timeout = 901\n{target}{event}"), "allowed is 1 to 900 s"),
            (format!("baseline = \"b\"\n{target}{event}"), "baseline names the unknown target b\n"),
            (format!("{target}{event}sha256 = \"12\"\n"), "64 hexadecimal digits"),
            (format!("runs = 0\n{target}{event}"), "no sample would be taken"),
            (
                format!("[[target]]\nimage = \"i\"\nlayers = [\"l\"]\n{event}"),
                "the target i has extensions or layers, which only a binary can have",
            ),
            (format!("memory = [128, 256]\n[[target]]\nendpoint = \"e\"\n{event}"), "one memory size"),
            (format!("{target}[[event]]\nfile = \"none.json\"\n"), "cannot read the event"),
        ];
        for (text, expected) in cases {
            let problem = plan(&text).unwrap_err();
            assert!(problem.contains(expected), "{text}\n{problem}");
        }
    }
}
