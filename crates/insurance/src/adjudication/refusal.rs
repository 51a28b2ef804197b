//! Claims that are not split at all: absurd ones, ones that do not fit the package, days without a value.

use crate::accumulators::Accumulators;
use crate::calendar::ServiceDate;
use crate::claim::{Claim, HospitalLevel, Service};
use crate::filing::Standing;
use crate::identity::Region;
use crate::money::Fen;
use crate::person::{Insurance, Person, PersonClass, Wallet};
use crate::policy::{NotKnown, Package};

/// Why a claim could not be adjudicated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotAdjudicate {
    /// An amount of the claim, the wallet or the accumulators is below zero.
    #[error("failed to adjudicate: `{field}` is below zero ({fen} fen); send an amount of zero or more")]
    BelowZero {
        /// The field.
        field: String,
        /// Its amount.
        fen: i64,
    },
    /// An amount is larger than any bill, wallet or year can be.
    #[error("failed to adjudicate: `{field}` is {fen} fen, above the largest that is taken, {largest} fen")]
    TooLarge {
        /// The field.
        field: String,
        /// Its amount.
        fen: i64,
        /// The largest that is taken.
        largest: i64,
    },
    /// The case ends before it begins.
    #[error("failed to adjudicate: the case ends on {end}, before it begins on {begin}; check the dates")]
    EndsBeforeItBegins {
        /// First day.
        begin: ServiceDate,
        /// Last day.
        end: ServiceDate,
    },
    /// The person is born after the case ends.
    #[error("failed to adjudicate: the person is born on {birth}, after the case ends on {end}")]
    BornAfterTheCase {
        /// Birth.
        birth: ServiceDate,
        /// Last day.
        end: ServiceDate,
    },
    /// The package is of the other insurance.
    #[error("failed to adjudicate a person insured as {person:?} with the package of {package:?}")]
    OtherInsurance {
        /// The person's.
        person: Insurance,
        /// The package's.
        package: Insurance,
    },
    /// The class belongs to the other insurance.
    #[error("failed to adjudicate: class {class:?} does not occur in the insurance {insurance:?}")]
    OtherClass {
        /// The person's class.
        class: PersonClass,
        /// The insurance.
        insurance: Insurance,
    },
    /// A value is needed for a day on which none is known.
    #[error("failed to find a policy for pool {pool} ({insurance:?}): {what}")]
    NotKnown {
        /// The pool.
        pool: Region,
        /// The insurance.
        insurance: Insurance,
        /// Table, day and first known day.
        what: NotKnown,
    },
    /// Nothing is documented for such a case at all.
    #[error(
        "failed to find a value of `{table}` in pool {pool} ({insurance:?}) for {service:?}, level {level:?}, \
         class {class:?}, standing {standing:?}: no document says anything about it"
    )]
    NoValue {
        /// The table.
        table: &'static str,
        /// The pool.
        pool: Region,
        /// The insurance.
        insurance: Insurance,
        /// The kind of care.
        service: Service,
        /// The level after the level map.
        level: HospitalLevel,
        /// The person's class.
        class: PersonClass,
        /// The standing.
        standing: Standing,
    },
}

/// A year's accumulators and a wallet may hold a thousand of the largest bills, no more.
const LARGEST_YEAR: i64 = Fen::LARGEST_BILL.0 * 1_000;

pub(super) fn refuse_the_absurd(
    package: &Package,
    person: &Person,
    wallet: Wallet,
    claim: &Claim,
    used: &Accumulators,
) -> Result<(), CannotAdjudicate> {
    if person.insurance != package.insurance {
        return Err(CannotAdjudicate::OtherInsurance {
            person: person.insurance,
            package: package.insurance,
        });
    }
    if !person.insurance.classes().contains(&person.class) {
        return Err(CannotAdjudicate::OtherClass { class: person.class, insurance: person.insurance });
    }
    if claim.end < claim.begin {
        return Err(CannotAdjudicate::EndsBeforeItBegins { begin: claim.begin, end: claim.end });
    }
    if claim.end < person.birth {
        return Err(CannotAdjudicate::BornAfterTheCase { birth: person.birth, end: claim.end });
    }
    let split = claim.split;
    for (field, part) in [
        ("split.own", split.own),
        ("split.over_ceiling", split.over_ceiling),
        ("split.upfront", split.upfront),
        ("split.in_scope", split.in_scope),
    ] {
        refuse_outside(field, part.0, Fen::LARGEST_BILL.0)?;
    }
    refuse_outside("split.total", split.total().0, Fen::LARGEST_BILL.0)?;
    refuse_outside("wallet.own", wallet.own.0, LARGEST_YEAR)?;
    refuse_outside("wallet.family", wallet.family.0, LARGEST_YEAR)?;
    used.iter().try_for_each(|(measure, amount)| {
        refuse_outside(&format!("used.{}", measure.code()), amount, LARGEST_YEAR)
    })
}

fn refuse_outside(field: &str, fen: i64, largest: i64) -> Result<(), CannotAdjudicate> {
    let field = field.to_owned();
    match fen {
        ..0 => Err(CannotAdjudicate::BelowZero { field, fen }),
        _ if fen > largest => Err(CannotAdjudicate::TooLarge { field, fen, largest }),
        _ => Ok(()),
    }
}
