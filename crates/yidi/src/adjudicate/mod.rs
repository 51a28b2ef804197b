//! `yidi adjudicate`: one case in as JSON, or a list of them, the shares and the reason for each out as JSON.
//! The format and the order of computation are docs/adjudicate.md.

mod answer;
mod case;
mod reader;
#[cfg(test)]
mod refusals;
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
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = r#"案例 | A case (amounts in whole fen, 100 fen = 1 yuan):

  {
    "pool": "611000", "insurance": "resident",
    "person": { "class": "adult", "birth": "1973-07-13" },
    "service": "inpatient",
    "hospital": { "region": "310104", "level": "three" },
    "standing": "referral", "begin": "2026-05-10", "end": "2026-06-20",
    "split": { "own_fen": 0, "over_ceiling_fen": 0, "upfront_fen": 0, "in_scope_fen": 8000000 }
  }

service    inpatient outpatient emergency_outpatient chronic (with "disease": "M03900")
standing   home long_term referral emergency other_temporary return_home
class      active retired (employee); adult senior minor (resident)
level      community one two three three_provincial
used       what is used this policy year: "used": { "admissions": 1, "inpatient_pool_fen": 9000000 }
lines      in place of split: [{ "class": "b", "upfront_bp": 1000, "ceiling": "50.00",
           "price": "80.00", "quantity": "10" }], or { "item": CODE, "price": .., "quantity": .. }

一组案例 | A list of cases in [ ] gives a list of answers in the same order; a refused one is an error object there.

退出码 | Exit codes: 0 answered; 2 refused, with {"error":{"field","message","cure"}} on standard error.
Every field, the order of computation and the rounding of each step: docs/adjudicate.md"#;

/// Arguments of `yidi adjudicate`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub struct Args {
    /// 案例: one case, or a list of cases, as a JSON file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// 政策目录: a directory of policy files in place of the embedded ones
    #[arg(long, value_name = "DIRECTORY")]
    policies: Option<PathBuf>,
    /// 目录种子: the seed of the made-up catalogue that gives the terms of lines with only an item code
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Exit code of a case that cannot be read or adjudicated.
const REFUSED: u8 = 2;

/// Reads the case, adjudicates it, and prints the answer; a refusal is one JSON object on standard error.
/// Of a list every case is answered in its place, and one that is refused makes the exit code that of a refusal.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let outcome = computed(args).and_then(|(book, catalogue, case)| match case {
        Value::Array(cases) => Ok(answers(&book, &catalogue, cases)),
        case => answer(&book, &catalogue, case).map(|answer| (answer, true)),
    });
    match outcome {
        Ok((answer, whole)) => {
            // A reader that closes the pipe early has what it wanted.
            drop(writeln!(std::io::stdout(), "{answer:#}"));
            Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(REFUSED) })
        }
        Err(error) => {
            eprintln!("{}", error.to_json());
            Ok(ExitCode::from(REFUSED))
        }
    }
}

/// The answers of a list in its order, and whether none was refused.
fn answers(book: &PolicyBook, catalogue: &Catalogue, cases: Vec<Value>) -> (Value, bool) {
    let outcomes = cases.into_iter().map(|case| answer(book, catalogue, case));
    let mut whole = true;
    let answers = outcomes.map(|outcome| {
        whole &= outcome.is_ok();
        outcome.unwrap_or_else(|refused| refused.to_json())
    });
    (answers.collect(), whole)
}

fn computed(args: &Args) -> Result<(PolicyBook, Catalogue, Value), CaseError> {
    let text = read(&args.case)?;
    // Some editors put a mark before the first character.
    let value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let message = format!("failed to read the case as JSON: {error}");
        CaseError::new("(case)", message, "send one JSON object, or a list of them")
    })?;
    let book = match &args.policies {
        None => policy_files::embedded(),
        Some(directory) => policy_files::from_directory(directory),
    };
    let book =
        book.map_err(|faults| CaseError::new("--policies", faults.to_string(), "mend the named values"))?;
    Ok((book, synthetic(args.seed), value))
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
