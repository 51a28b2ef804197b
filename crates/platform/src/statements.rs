//! 对账函: what nodes say to one another when they lay a day side by side. First how much each has and a digest of it;
//! only where those differ does a docket travel, hub, treatment place, hub, insured place and back, page by page, and
//! each office writes into it what it holds of the settlements that differ.

use crate::chain::Digest;
use insurance::calendar::ServiceDate;
use insurance::identity::{Province, Region, SettlementId};
use insurance::money::Fen;
use insurance::reconciliation::{Decision, Difference, Funds, Held, Party};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// 一日一对: one day, who pays, where care was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The day of the acts.
    pub day: ServiceDate,
    /// The pool that pays.
    pub pool: Region,
    /// The province of the care.
    pub treatment: Province,
}

/// What one office has of one settlement on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 结算ID
    pub settlement: String,
    /// What its books of that day sum to, by national fund code.
    #[serde(rename = "funds_fen")]
    pub funds: Funds,
    /// A principal's record of that day, where it stands: the bill and the version of the policy.
    pub stands: Option<String>,
}

/// How much an office has of a pair, and a digest of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which.
    pub pair: Pair,
    /// Whose.
    pub party: Party,
    /// Settlements that the books of the day do not sum to zero for.
    pub booked: i64,
    /// Of those lines, in the order of their numbers.
    pub booked_digest: Digest,
    /// Settlements of the day that stand on record; the hub has no records.
    pub recorded: i64,
    /// Of those lines.
    pub recorded_digest: Digest,
    /// What the books of the day sum to.
    #[serde(rename = "funds_fen")]
    pub funds: Funds,
}

impl Head {
    /// Nothing.
    pub fn empty(pair: Pair, party: Party) -> Head {
        Head {
            pair,
            party,
            booked: 0,
            booked_digest: Digest::START,
            recorded: 0,
            recorded_digest: Digest::START,
            funds: Funds::new(),
        }
    }

    /// How many settlements the books have, and the digest of them.
    pub fn books(&self) -> (i64, Digest) {
        (self.booked, self.booked_digest)
    }

    /// How many settlements stand on record, and the digest of them.
    pub fn records(&self) -> (i64, Digest) {
        (self.recorded, self.recorded_digest)
    }

    /// Takes the next line, in the order of the numbers.
    pub fn take(&mut self, line: &Line) {
        if !line.funds.is_empty() {
            let funds: Vec<String> =
                line.funds.iter().map(|(fund, amount)| format!("{}:{}", fund.code(), amount.0)).collect();
            self.booked += 1;
            self.booked_digest = self.booked_digest.then(&format!("{} {}", line.settlement, funds.join(" ")));
            for (fund, amount) in &line.funds {
                *self.funds.entry(*fund).or_insert(Fen::ZERO) += *amount;
            }
        }
        if let Some(stands) = &line.stands {
            self.recorded += 1;
            self.recorded_digest = self.recorded_digest.then(&format!("{} {stands}", line.settlement));
        }
    }
}

/// On which leg of its way a docket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// The offices write their lines into it.
    Lines,
    /// The offices write what they hold of the settlements that differ.
    Held,
}

/// 卷宗: a page of a pair's lines, and what each office holds of the settlements that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Docket {
    /// Which pair.
    pub pair: Pair,
    /// Which comparison of it: an answer to an earlier one is not looked at.
    pub run: i64,
    /// On which leg it is.
    pub leg: Leg,
    /// The page begins behind this settlement.
    pub after: String,
    /// And ends with this one; the last page has no end.
    pub up_to: Option<String>,
    /// The lines of the page, office by office.
    pub lines: BTreeMap<Party, Vec<Line>>,
    /// By settlement and office.
    pub held: BTreeMap<SettlementId, BTreeMap<Party, Held>>,
}

impl Docket {
    /// A page to be filled.
    pub fn new(pair: Pair, run: i64, after: String) -> Docket {
        Docket {
            pair,
            run,
            leg: Leg::Lines,
            after,
            up_to: None,
            lines: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// An office writes its lines, and where they end if it has more: the page ends there for all.
    pub fn take_lines(&mut self, party: Party, lines: Vec<Line>, last: Option<String>) {
        self.lines.insert(party, lines);
        if let Some(last) = last
            && self.up_to.as_ref().is_none_or(|end| last < *end)
        {
            self.up_to = Some(last);
        }
        if let Some(end) = &self.up_to {
            self.lines.values_mut().for_each(|lines| lines.retain(|line| line.settlement <= *end));
        }
    }

    /// Settlements whose lines differ: in the books of any office, or in the records of the principals.
    pub fn differing(&self) -> Vec<SettlementId> {
        let mut by_number: BTreeMap<&str, BTreeMap<Party, &Line>> = BTreeMap::new();
        for (party, lines) in &self.lines {
            for line in lines {
                by_number.entry(&line.settlement).or_default().insert(*party, line);
            }
        }
        let nothing = Funds::new();
        let differs = |lines: &BTreeMap<Party, &Line>| {
            let funds = |party| lines.get(&party).map_or(&nothing, |line| &line.funds);
            let stands = |party| lines.get(&party).and_then(|line| line.stands.as_ref());
            funds(Party::Treatment) != funds(Party::Insured)
                || funds(Party::Hub) != funds(Party::Insured)
                || stands(Party::Treatment) != stands(Party::Insured)
        };
        let differing = by_number.into_iter().filter(|(_, lines)| differs(lines));
        differing.filter_map(|(number, _)| SettlementId::new(number).ok()).collect()
    }
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What.
    pub decision: Decision,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// One difference, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Which settlement.
    pub settlement: SettlementId,
    /// What differs, and the proposed repair.
    pub difference: Difference,
    /// What each office holds of it.
    pub held: BTreeMap<Party, Held>,
    /// What a person decided about it, as far as the hub has heard.
    #[serde(default)]
    pub decided: Option<Decided>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// Hub to members: this day is over, state it.
    Wanted(ServiceDate),
    /// A member states a day, whole.
    Heads {
        /// The day.
        day: ServiceDate,
        /// Every pair that it has something of.
        heads: Vec<Head>,
    },
    /// A docket on its way.
    Docket(Box<Docket>),
    /// Hub to both principals: what differs; nothing where the pair agrees. Comes in parts.
    Result {
        /// Which pair.
        pair: Pair,
        /// With the first part: every settlement that differs; what was told of others before is forgotten.
        numbers: Option<Vec<SettlementId>>,
        /// Some of the differences.
        found: Vec<Found>,
    },
    /// A principal to the hub: a person has decided, and it is done.
    Decided {
        /// Which pair.
        pair: Pair,
        /// Which settlement.
        settlement: SettlementId,
        /// What was decided.
        decided: Decided,
    },
}
