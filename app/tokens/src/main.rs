//! `tokens`: makes, lists and revokes tokens of the observatory.

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

use clap::{Parser, Subcommand};
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use jiff::{SignedDuration, Timestamp};
use pi_observatory_authorizer::{Grant, Grants, Scope, Token};
use pi_observatory_store::connect_with_profile;
use std::error::Error;
use std::process::ExitCode;

/// Makes, lists and revokes bearer tokens of the observatory's HTTP API.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    /// Table of tokens: the output `TokenTable` of the stack
    #[arg(long, env = "TOKENS", global = true, default_value = "pi-observatory-tokens")]
    table: String,
    /// Region of the table
    #[arg(long, global = true)]
    region: Option<String>,
    /// Profile of ~/.aws/config
    #[arg(long, global = true)]
    profile: Option<String>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a token, and print it once
    Make {
        /// Owner of the token, for the list and the log
        #[arg(long, value_parser = owner)]
        name: String,
        /// Rights of the token: read (GET), write (POST)
        #[arg(long, value_delimiter = ',', default_value = "read", value_name = "SCOPE,...")]
        scopes: Vec<Scope>,
        /// Days until the token expires, 1 to 366
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
    },
    /// List tokens, without the tokens themselves
    List,
    /// Revoke a token: it is refused as soon as API Gateway's cache forgets it
    Revoke {
        /// Id of the token, from the list
        id: String,
    },
}

fn owner(text: &str) -> Result<String, String> {
    let is_right = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    is_right.then(|| text.to_owned()).ok_or_else(|| "expected 1 to 64 letters".to_owned())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(cli)));
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Box<dyn Error>> {
    let client = connect_with_profile(cli.region, cli.profile.as_deref()).await;
    let grants = Grants::new(client, cli.table);
    match cli.verb {
        Verb::Make { name, scopes, days } => make(&grants, name, scopes, days).await,
        Verb::List => list(&grants).await,
        Verb::Revoke { id } => revoke(&grants, &id).await,
    }
}

async fn make(
    grants: &Grants,
    name: String,
    scopes: Vec<Scope>,
    days: i64,
) -> Result<ExitCode, Box<dyn Error>> {
    let token = Token::random()?;
    let created = Timestamp::now();
    let expires = created.checked_add(SignedDuration::from_hours(24 * days))?;
    let digest = token.digest();
    grants.add(&Grant { digest, name, scopes: scopes.into_iter().collect(), expires, created }).await?;
    eprintln!("token {} expires at {expires:.0}; it is shown this once:", digest.id());
    println!("{}", token.reveal());
    Ok(ExitCode::SUCCESS)
}

async fn list(grants: &Grants) -> Result<ExitCode, Box<dyn Error>> {
    let (grants, damaged) = grants.list().await?;
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["id", "name", "scopes", "created", "expires"]);
    let now = Timestamp::now();
    for grant in grants {
        let scopes: Vec<String> = grant.scopes.iter().map(Scope::to_string).collect();
        let state = if grant.expires <= now { " (expired)" } else { "" };
        table.add_row([
            grant.digest.id(),
            grant.name,
            scopes.join(","),
            grant.created.to_string(),
            format!("{}{state}", grant.expires),
        ]);
    }
    println!("{}", table.trim_fmt());
    for id in damaged {
        eprintln!("warning: the entry {id} is damaged, and grants nothing; revoke it");
    }
    Ok(ExitCode::SUCCESS)
}

async fn revoke(grants: &Grants, id: &str) -> Result<ExitCode, Box<dyn Error>> {
    if grants.remove(id).await? {
        eprintln!("token {id} is revoked");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("error: there is no token {id}; `tokens list` prints the ids");
    Ok(ExitCode::FAILURE)
}
