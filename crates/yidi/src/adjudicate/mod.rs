//! `yidi adjudicate`: one case in as JSON, the shares and the reason for each out as JSON.
//! The format and the order of computation are docs/adjudicate.md.

mod answer;
mod case;
mod reader;
#[cfg(test)]
mod stories;

pub use case::Case;
pub use reader::CaseError;

use insurance::adjudication::adjudicate;
use insurance::catalogue::Catalogue;
use insurance::policy::PolicyBook;
use platform::policy_files;
use serde_json::Value;
use simulation::catalogue::synthetic;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `yidi adjudicate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The case as a JSON file, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// A directory of policy files in place of the embedded ones.
    #[arg(long, value_name = "DIRECTORY")]
    policies: Option<PathBuf>,
    /// The seed of the made-up catalogue that gives the terms of lines with only an item code.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Exit code of a case that cannot be read or adjudicated.
const REFUSED: u8 = 2;

/// Reads the case, adjudicates it, and prints the answer; a refusal is one JSON object on standard error.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match computed(args) {
        Ok(answer) => {
            println!("{answer:#}");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{}", error.to_json());
            Ok(ExitCode::from(REFUSED))
        }
    }
}

fn computed(args: &Args) -> Result<Value, CaseError> {
    let text = read(&args.case)?;
    let value = serde_json::from_str(&text)
        .map_err(|error| CaseError::new("(case)", error.to_string(), "send one JSON object"))?;
    let book = match &args.policies {
        None => policy_files::embedded(),
        Some(directory) => policy_files::from_directory(directory),
    };
    let book =
        book.map_err(|faults| CaseError::new("--policies", faults.to_string(), "mend the named values"))?;
    answer(&book, &synthetic(args.seed), value)
}

fn read(path: &PathBuf) -> Result<String, CaseError> {
    let mut text = String::new();
    let outcome = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    let cure = "name a readable file of UTF-8 text, or - for standard input";
    outcome.map_err(|error| {
        CaseError::new("--case", format!("failed to read {}: {error}", path.display()), cure)
    })?;
    Ok(text)
}

/// The answer to one case. The catalogue gives the terms of lines that carry only an item code.
///
/// # Errors
/// Names the field and the cure.
pub fn answer(book: &PolicyBook, catalogue: &Catalogue, case: Value) -> Result<Value, CaseError> {
    let case = Case::read(case, catalogue)?;
    let package = book.package(case.pool, case.person.insurance).ok_or_else(|| {
        let pools: Vec<String> = book.packages().map(|package| package.pool.region.to_string()).collect();
        CaseError::new(
            "pool",
            format!("failed to find a policy for pool {}", case.pool),
            &format!("name a region of one of these pools: {}", pools.join(" ")),
        )
    })?;
    let adjudication = adjudicate(package, &case.person, case.wallet, &case.claim, &case.used)
        .map_err(|error| CaseError::of_refusal(&error))?;
    Ok(answer::to_json(package, &case, &adjudication))
}
