//! Quote, book, take back, let stand again, cancel. Whatever arrives twice changes nothing the second time;
//! state moves only along the table of `insurance::settlement`.

use super::terms::{ground_words, refusal_of};
use super::{InsuredOffice, Said, person_of, said};
use crate::doors::{Store, StoreError};
use crate::letters::{ClaimSheet, Reply, SettledSheet, SettlementRef, StayRef};
use crate::life::{self, Moment};
use crate::refusal::{Code, Refusal};
use crate::store::insured::{self, Booked};
use crate::store::{books, people};
use insurance::adjudication::{CannotAdjudicate, Cause, adjudicate};
use insurance::calendar::{Instant, ServiceDate};
use insurance::claim::{CarePlace, Claim, Service};
use insurance::identity::{BusinessKey, Region};
use insurance::ledger::{self, Fund, Journal, JournalKind, Side};
use insurance::money::Fen;
use insurance::settlement::{Event, State};

impl InsuredOffice {
    /// 2206 and 2303: what would be paid. Nothing is booked.
    pub(super) fn quote(&self, store: &mut dyn Store, claim: &ClaimSheet) -> Said<Reply> {
        let sheet = said!(self.decide(store, claim));
        Ok(Ok(Reply::Quoted(Box::new(sheet))))
    }

    /// 2207 and 2304: one database transaction saves settlement, accumulators, accounts and journal.
    pub(super) fn settle(&self, store: &mut dyn Store, moment: &Moment, claim: &ClaimSheet) -> Said<Reply> {
        let (Some(settlement), Some(visit)) = (claim.settlement.clone(), claim.care.visit.clone()) else {
            return Ok(Err(Refusal::new(Code::SettlementUnknown).with("settlement", "")));
        };
        let key = SettlementRef {
            pool: claim.care.pool,
            person: claim.care.person.clone(),
            visit,
            settlement,
            treatment: claim.treatment,
        };
        let state = match insured::insured_settlement_find(store, &key)? {
            Some((State::Settled, Some(booked))) => return Ok(Ok(Reply::Settled(Box::new(booked.sheet)))),
            Some((state, _)) => state,
            None => State::Absent,
        };
        if state.after(Event::SettlementBooked).is_err() {
            // It was cancelled before it arrived, or taken back since: it must not be booked now.
            return Ok(Err(Refusal::new(Code::SettlementCancelledBefore)
                .with("settlement", &key.settlement)
                .with_both("state", state.zh(), state.en())));
        }
        let stay = StayRef { pool: key.pool, person: key.person.clone(), visit: key.visit.clone() };
        if claim.care.service == Service::Inpatient
            && let Some(other) = insured::insured_settlement_standing(store, &stay)?
        {
            return Ok(Err(Refusal::new(Code::SettlementAlreadyDone)
                .with("visit", &stay.visit)
                .with("settlement", other)));
        }
        let sheet = said!(self.decide(store, claim));
        self.settle_with(store, moment, claim, &key, state, &sheet)?;
        Ok(Ok(Reply::Settled(Box::new(sheet))))
    }

    /// Books what was told to the treatment place before this node was put back to an earlier copy: to the fen, whatever
    /// would be decided now.
    pub fn settle_as_said(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        claim: &ClaimSheet,
        said: SettledSheet,
    ) -> Result<(), StoreError> {
        let (Some(settlement), Some(visit)) = (claim.settlement.clone(), claim.care.visit.clone()) else {
            return Ok(());
        };
        let (pool, person) = (claim.care.pool, claim.care.person.clone());
        let key = SettlementRef { pool, person, visit, settlement, treatment: claim.treatment };
        let known = insured::insured_settlement_find(store, &key)?;
        let state = known.map_or(State::Absent, |(state, _)| state);
        if state.after(Event::SettlementBooked).is_err() {
            return Ok(());
        }
        self.settle_with(store, moment, claim, &key, state, &said)
    }

    fn settle_with(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        claim: &ClaimSheet,
        key: &SettlementRef,
        state: State,
        sheet: &SettledSheet,
    ) -> Result<(), StoreError> {
        let shares = sheet.adjudication.shares;
        let booked = Booked {
            insurance: claim.care.insurance,
            wallet: (shares.account, shares.family_account),
            funds: sheet.funds.clone(),
            institution: claim.care.place.institution.clone(),
            sheet: sheet.clone(),
        };
        life::insured_moves(store, moment, key, state, Event::SettlementBooked, Some(&booked))?;
        self.book(store, moment.at, key, &booked, JournalKind::Settlement, claim.care.day)
    }

    /// 2208, 2305, 2601: gives back exactly what was taken.
    pub(super) fn reverse(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        key: &SettlementRef,
        day: ServiceDate,
    ) -> Said<Reply> {
        let unknown = || Refusal::new(Code::SettlementUnknown).with("settlement", &key.settlement);
        let Some((state, Some(booked))) = insured::insured_settlement_find(store, key)? else {
            return Ok(Err(unknown()));
        };
        if state != State::Reversed {
            if state.after(Event::ReversalBooked).is_err() {
                return Ok(Err(unknown()));
            }
            life::insured_moves(store, moment, key, state, Event::ReversalBooked, None)?;
            self.book(store, moment.at, key, &booked, JournalKind::Reversal, day)?;
        }
        let account = self.account_of(store, key)?;
        Ok(Ok(Reply::Reversed {
            settlement: key.settlement.clone(),
            account,
            funds: negated(&booked.funds),
            pool: key.pool,
            treatment: key.treatment,
            day,
            later: insured::insured_settlements_later(store, key)?,
        }))
    }

    /// 2601 of a reversal: the settlement stands again, with the same amounts.
    pub(super) fn reinstate(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        key: &SettlementRef,
        day: ServiceDate,
    ) -> Said<Reply> {
        let unknown = || Refusal::new(Code::SettlementUnknown).with("settlement", &key.settlement);
        let Some((state, Some(booked))) = insured::insured_settlement_find(store, key)? else {
            return Ok(Err(unknown()));
        };
        if state != State::Settled {
            if state.after(Event::ReinstatementBooked).is_err() {
                return Ok(Err(unknown()));
            }
            let stay = StayRef { pool: key.pool, person: key.person.clone(), visit: key.visit.clone() };
            if let Some(later) = insured::insured_settlement_standing(store, &stay)? {
                return Ok(Err(Refusal::new(Code::LaterSettlementStands).with("settlement", later)));
            }
            let person = said!(person_of(store, key.pool, &key.person));
            if person.wallet.own < booked.wallet.0 || person.wallet.family < booked.wallet.1 {
                return Ok(Err(Refusal::new(Code::AccountTooLow).with("settlement", &key.settlement)));
            }
            life::insured_moves(store, moment, key, state, Event::ReinstatementBooked, None)?;
            self.book(store, moment.at, key, &booked, JournalKind::Reinstatement, day)?;
        }
        let account = self.account_of(store, key)?;
        Ok(Ok(Reply::Reinstated {
            settlement: key.settlement.clone(),
            account,
            funds: booked.funds,
            pool: key.pool,
            treatment: key.treatment,
            day,
        }))
    }

    /// The treatment node gave up waiting: whatever happened here, it must end as not settled.
    pub(super) fn cancel(&self, store: &mut dyn Store, moment: &Moment, key: &SettlementRef) -> Said<Reply> {
        // Nobody was told of it, so it is taken back under its own day: the treatment place never books it, and every
        // day's books are the same on all sides.
        let (funds, day) = match insured::insured_settlement_find(store, key)? {
            None => {
                life::insured_moves(store, moment, key, State::Absent, Event::CancelledUnseen, None)?;
                (Vec::new(), moment.at.day())
            }
            Some((State::Settled, Some(booked))) => {
                life::insured_moves(store, moment, key, State::Settled, Event::ReversalBooked, None)?;
                self.book(store, moment.at, key, &booked, JournalKind::Reversal, booked.sheet.day)?;
                (negated(&booked.funds), booked.sheet.day)
            }
            // Taken back before: the amounts are told again, should the first answer be lost.
            Some((State::Reversed, Some(booked))) => (negated(&booked.funds), booked.sheet.day),
            Some(_) => (Vec::new(), moment.at.day()),
        };
        Ok(Ok(Reply::Cancelled {
            settlement: key.settlement.clone(),
            funds,
            pool: key.pool,
            treatment: key.treatment,
            day,
        }))
    }

    /// How it stands: what is booked, with its amounts, else the state. Reads, writes nothing.
    pub(super) fn status(&self, store: &mut dyn Store, key: &SettlementRef) -> Said<Reply> {
        let settlement = key.settlement.clone();
        Ok(Ok(match insured::insured_settlement_find(store, key)? {
            Some((State::Settled, Some(booked))) => Reply::Settled(Box::new(booked.sheet)),
            Some((state, _)) => Reply::Standing { settlement, state },
            None => Reply::Standing { settlement, state: State::Absent },
        }))
    }

    /// Eligibility decided again, then the money. Reads, writes nothing.
    fn decide(&self, store: &mut dyn Store, claim: &ClaimSheet) -> Said<SettledSheet> {
        let care = &claim.care;
        let person = said!(self.person_for(store, care));
        let eligible = match self.terms(store, &person, care)? {
            Ok(eligible) => eligible,
            Err(not) => return Ok(Err(refusal_of(&not, care))),
        };
        let end = care.end.unwrap_or(care.day);
        let Some(package) = self.policies.package(care.pool, care.insurance) else {
            return Ok(Err(Refusal::new(Code::PolicyUnknownForDay)
                .with_place("place", care.pool)
                .with("day", end)
                .with_both("why", "没有该地的政策文件", "there is no policy file for it")));
        };
        let year = package.policy_year(end);
        let used = people::accumulators_of(store, care.pool, &care.person, care.insurance, year)?;
        let mut facts = person.facts.clone();
        facts.needy = person.needy_on(end);
        let bill = Claim {
            service: care.service.clone(),
            begin: care.begin,
            end,
            place: CarePlace { region: care.place.region, level: care.place.level },
            standing: eligible.standing,
            split: claim.split,
            account_used: claim.account_used,
        };
        let adjudication = match adjudicate(package, &facts, person.wallet, &bill, &used) {
            Ok(adjudication) => adjudication,
            Err(cannot) => return Ok(Err(unsplit(&cannot, care.pool, end))),
        };
        Ok(Ok(SettledSheet {
            settlement: claim.settlement.clone(),
            funds: ledger::fund_shares(care.insurance, &adjudication.shares),
            standing: eligible.standing,
            ground: ground_words(&eligible.ground, care),
            account: person.wallet.own - adjudication.shares.account,
            pool: care.pool,
            treatment: claim.treatment,
            day: care.day,
            adjudication,
        }))
    }

    /// Moves accumulators, accounts and books by one settlement, forwards or backwards.
    fn book(
        &self,
        store: &mut dyn Store,
        now: Instant,
        key: &SettlementRef,
        booked: &Booked,
        kind: JournalKind,
        day: ServiceDate,
    ) -> Result<(), StoreError> {
        let backwards = kind == JournalKind::Reversal;
        let adjudication = &booked.sheet.adjudication;
        let delta = if backwards { adjudication.accrued.opposite() } else { adjudication.accrued.clone() };
        people::accumulators_add(
            store,
            key.pool,
            &key.person,
            booked.insurance,
            adjudication.policy_year,
            &delta,
        )?;
        let sign = |amount: Fen| if backwards { amount } else { -amount };
        people::wallet_add(store, key.pool, &key.person, sign(booked.wallet.0), sign(booked.wallet.1))?;
        let funds = if backwards { negated(&booked.funds) } else { booked.funds.clone() };
        let side = if key.pool.province() == key.treatment {
            Side::Home { pool: key.pool, institution: booked.institution.clone() }
        } else {
            Side::Insured { pool: key.pool, treatment: key.treatment }
        };
        let journal = Journal {
            key: business_key(key),
            kind,
            happened: day,
            learned: now,
            entries: ledger::entries(&side, &funds),
        };
        books::journal_add(store, &journal)
    }

    fn account_of(&self, store: &mut dyn Store, key: &SettlementRef) -> Result<Fen, StoreError> {
        let person = people::person_find(store, key.pool, &key.person)?;
        Ok(person.map_or(Fen::ZERO, |person| person.wallet.own))
    }
}

/// Why a claim could not be split, with the one who can cure it.
fn unsplit(cannot: &CannotAdjudicate, pool: Region, end: ServiceDate) -> Refusal {
    let says = cannot.says();
    let refusal = match cannot.cause() {
        Cause::Bill => Refusal::new(Code::BillCannotBe),
        Cause::Person => Refusal::new(Code::PersonRecordWrong).with_place("place", pool),
        Cause::Policy => Refusal::new(Code::PolicyUnknownForDay).with_place("place", pool).with("day", end),
    };
    refusal.with_both("why", says.zh, says.en)
}

fn negated(funds: &[(Fund, Fen)]) -> Vec<(Fund, Fen)> {
    funds.iter().map(|(fund, amount)| (*fund, -*amount)).collect()
}

fn business_key(key: &SettlementRef) -> BusinessKey {
    BusinessKey::new(key.settlement.as_str()).expect("a settlement number is a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_split_names_who_must_act_in_the_language_of_the_text() {
        let day = |text: &str| text.parse::<ServiceDate>().expect("a day");
        let pool = Region::new("220100").expect("a region");
        let (begin, end) = (day("2026-03-02"), day("2026-03-01"));
        let below = |field: &str| CannotAdjudicate::BelowZero { field: field.into(), fen: -1 };
        // why not, code, Chinese, English
        let table = [
            (
                below("split.own"),
                Code::BillCannotBe,
                "全自费金额-0.01元,小于零。请机构",
                "is below zero. The institution",
            ),
            (
                CannotAdjudicate::EndsBeforeItBegins { begin, end },
                Code::BillCannotBe,
                "早于开始日期",
                "before it begins",
            ),
            (
                below("wallet.own"),
                Code::PersonRecordWrong,
                "吉林省长春市(220100)登记的该人员",
                "what Changchun, Jilin (220100) holds",
            ),
            (
                CannotAdjudicate::BornAfterTheCase { birth: begin, end },
                Code::PersonRecordWrong,
                "出生日期",
                "the birth on",
            ),
        ];
        for (cannot, code, zh, en) in table {
            let refusal = unsplit(&cannot, pool, end);
            assert_eq!(refusal.code, code, "{cannot:?}");
            assert!(refusal.zh().contains(zh), "{}", refusal.zh());
            assert!(refusal.en().contains(en), "{}", refusal.en());
            let words: String = refusal.zh().chars().filter(char::is_ascii_alphabetic).collect();
            assert_eq!(words, "", "no English inside the Chinese: {}", refusal.zh());
        }
    }
}
