//! `lambda-meter completions` and `lambda-meter man`, generated from the command line's definition.

use crate::error::Error;
use crate::export;
use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// The options of `lambda-meter completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// The options of `lambda-meter man`.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// The subcommand, such as run; without one, the page of lambda-meter itself
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// Examples of `completions`, printed below the options.
pub const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  lambda-meter completions bash > ~/.local/share/bash-completion/completions/lambda-meter
  lambda-meter completions fish > ~/.config/fish/completions/lambda-meter.fish";

/// Examples of `man`, printed below the options.
pub const MAN_EXAMPLES: &str = "\
Examples:
  lambda-meter man run | man -l -
  lambda-meter man > ~/.local/share/man/man1/lambda-meter.1";

/// Prints the completions of `root`, the whole command line, for a shell.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn completions(args: &CompletionsArgs, mut root: Command) -> Result<u8, Error> {
    let mut script = Vec::new();
    generate(args.shell, &mut root, "lambda-meter", &mut script);
    export::to_stdout(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

/// Prints the manual page of `root`, the whole command line, or of one of its subcommands.
///
/// # Errors
///
/// When the subcommand is unknown, or standard output cannot be written.
pub fn man(args: &ManArgs, mut root: Command) -> Result<u8, Error> {
    let known = names(&root);
    root.build();
    let command = match &args.command {
        None => root,
        Some(name) => root
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Error::UnknownCommand { name: name.clone(), known: known.join(", ") })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(Error::Output)?;
    export::to_stdout(&String::from_utf8_lossy(&page))?;
    Ok(0)
}

fn names(root: &Command) -> Vec<String> {
    root.get_subcommands().map(|command| command.get_name().to_owned()).collect()
}
