//! 补记: what this office had asked and was answered after the copy to which its node was put back. The books follow to
//! the fen; a settlement whose visit is known is written down whole; what letters do not tell is named.

use super::TreatmentOffice;
use crate::doors::{NodeId, Store, StoreError};
use crate::letters::{Ask, ClaimSheet, Reply, SettledSheet};
use crate::life::{self, Moment};
use crate::records::{SettlementRecord, Visit, VisitKind};
use crate::store::neighbours::{self, Aside};
use crate::store::{books, mail, settlements, visits};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{BusinessKey, InstitutionCode, Region, SettlementId};
use insurance::ledger::{self, Fund, Journal, JournalKind, Side};
use insurance::money::Fen;
use insurance::settlement::{Event, State};
use std::collections::BTreeSet;

impl TreatmentOffice {
    /// Takes over what an answer says of a question that this office no longer knows.
    pub fn take_over(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        from: NodeId,
        ask: &Ask,
        reply: &Reply,
        asked: Instant,
    ) -> Result<(), StoreError> {
        match (ask, reply) {
            (Ask::Settle(claim), Reply::Settled(sheet)) => {
                let Some(id) = claim.settlement.clone() else { return Ok(()) };
                if settlements::settlement_find(store, &id)?.is_some() {
                    return Ok(());
                }
                self.book_once(
                    store,
                    moment.at,
                    claim,
                    &id,
                    JournalKind::Settlement,
                    &sheet.funds,
                    sheet.day,
                )?;
                let visit = match &claim.care.visit {
                    Some(visit) => visits::visit_find(store, visit)?,
                    None => None,
                };
                match visit {
                    Some(visit) => self.write_down(store, moment, &visit, claim, sheet, asked),
                    None => neighbours::lost_add(store, from, &lost_visit(claim, &id, sheet)),
                }
            }
            (Ask::Reverse { settlement, reversal, .. }, Reply::Reversed { funds, day, .. }) => {
                self.follow_back(store, moment, from, &settlement.settlement, Some(reversal), funds, *day)
            }
            (Ask::Cancel(settlement), Reply::Cancelled { funds, day, .. }) => {
                self.follow_back(store, moment, from, &settlement.settlement, None, funds, *day)
            }
            (Ask::Reinstate { settlement, .. }, Reply::Reinstated { funds, day, .. }) => {
                self.follow_again(store, moment, from, &settlement.settlement, funds, *day)
            }
            _ => Ok(()),
        }
    }

    /// Names every settlement that this office had asked for and does not know, and that no answer has told of.
    pub fn name_what_is_lost(&self, store: &mut dyn Store, from: NodeId) -> Result<(), StoreError> {
        let mut named = BTreeSet::new();
        for letter in neighbours::aside_all(store, from, Aside::Own)? {
            let crate::letters::Content::Ask { ask, .. } = &letter.content else { continue };
            let Ask::Settle(claim) = ask.as_ref() else { continue };
            let Some(id) = &claim.settlement else { continue };
            let known = mail::question_known(store, &letter.id)?
                || settlements::settlement_find(store, id)?.is_some()
                || books::last_kind(store, &key(id))?.is_some();
            if !known && named.insert(id.clone()) {
                let institution = &claim.care.place.institution;
                let words = format!(
                    "结算{id}(机构{institution})曾提交,未见记账:如机构收到过成功答复请查对 | settlement {id} \
                     (institution {institution}) was asked and not booked as far as letters tell"
                );
                neighbours::lost_add(store, from, &words)?;
            }
        }
        let words = "备份之后本省机构的登记、费用明细、签到及本地结算不在信件中:请各机构核对并以原msgid重发 | registrations, fee \
                     lines, sign-ins and settlements at home after the copy are in no letter: institutions compare, and \
                     send them again with the same msgid";
        neighbours::lost_add(store, from, words)
    }

    /// The record of a settlement of a visit that is known, with every line that is not settled bound to it.
    fn write_down(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        visit: &Visit,
        claim: &ClaimSheet,
        sheet: &SettledSheet,
        asked: Instant,
    ) -> Result<(), StoreError> {
        let Some(id) = claim.settlement.clone() else { return Ok(()) };
        let infno = match visit.kind {
            VisitKind::Outpatient => "2207",
            VisitKind::Inpatient => "2304",
        };
        let mut record = SettlementRecord {
            id: id.clone(),
            visit: visit.id.clone(),
            infno: infno.into(),
            msgid: String::new(),
            institution: visit.institution.clone(),
            state: State::Absent,
            batch: None,
            asked,
            settled: None,
            sheet: None,
            takes_back: None,
            taken_back_by: None,
            written: Default::default(),
        };
        life::treatment_moves(store, moment, visit, &mut record, Event::SettlementIntended)?;
        record.settled = Some(asked);
        record.sheet = Some(sheet.clone());
        life::treatment_moves(store, moment, visit, &mut record, Event::SettlementBooked)?;
        visits::fee_lines_bind(store, visit, None, &id).map(drop)
    }

    #[allow(clippy::too_many_arguments)] // one taking back has that many sides
    fn follow_back(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        from: NodeId,
        id: &SettlementId,
        reversal: Option<&SettlementId>,
        funds: &[(Fund, Fen)],
        day: ServiceDate,
    ) -> Result<(), StoreError> {
        self.follow(store, moment.at, id, JournalKind::Reversal, funds, day)?;
        let Some(mut record) = settlements::settlement_find(store, id)? else { return Ok(()) };
        let Some(visit) = visits::visit_find(store, &record.visit)? else { return Ok(()) };
        if record.state != State::Settled {
            return Ok(());
        }
        record.taken_back_by = reversal.cloned();
        life::treatment_moves(store, moment, &visit, &mut record, Event::ReversalIntended)?;
        life::treatment_moves(store, moment, &visit, &mut record, Event::ReversalBooked)?;
        visits::fee_lines_free(store, &visit, id)?;
        let by = reversal.map_or_else(String::new, ToString::to_string);
        let words = format!(
            "结算{id}已由{by}撤销,撤销单据本身不在信件中 | settlement {id} was taken back by {by}; the record of the \
             reversal itself is in no letter"
        );
        neighbours::lost_add(store, from, &words)
    }

    fn follow_again(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        from: NodeId,
        id: &SettlementId,
        funds: &[(Fund, Fen)],
        day: ServiceDate,
    ) -> Result<(), StoreError> {
        self.follow(store, moment.at, id, JournalKind::Reinstatement, funds, day)?;
        let Some(mut record) = settlements::settlement_find(store, id)? else { return Ok(()) };
        let Some(visit) = visits::visit_find(store, &record.visit)? else { return Ok(()) };
        if record.state != State::Reversed {
            return Ok(());
        }
        record.taken_back_by = None;
        life::treatment_moves(store, moment, &visit, &mut record, Event::ReinstatementIntended)?;
        life::treatment_moves(store, moment, &visit, &mut record, Event::ReinstatementBooked)?;
        let words = format!(
            "结算{id}恢复有效,其明细须重新核对 | settlement {id} stands again; compare its fee lines with the institution"
        );
        neighbours::lost_add(store, from, &words)
    }

    #[allow(clippy::too_many_arguments)] // a journal has that many sides
    fn book_once(
        &self,
        store: &mut dyn Store,
        now: Instant,
        claim: &ClaimSheet,
        id: &SettlementId,
        kind: JournalKind,
        funds: &[(Fund, Fen)],
        day: ServiceDate,
    ) -> Result<(), StoreError> {
        if claim.care.pool.province() == self.home.province || books::last_kind(store, &key(id))?.is_some() {
            return Ok(());
        }
        let side =
            Side::Treatment { pool: claim.care.pool, institution: claim.care.place.institution.clone() };
        let entries = ledger::entries(&side, funds);
        let journal = Journal { key: key(id), kind, happened: day, learned: now, entries };
        books::journal_add(store, &journal)
    }

    /// A journal of the same accounts as the last one of this settlement, where that stands or does not.
    fn follow(
        &self,
        store: &mut dyn Store,
        now: Instant,
        id: &SettlementId,
        kind: JournalKind,
        funds: &[(Fund, Fen)],
        day: ServiceDate,
    ) -> Result<(), StoreError> {
        let last = books::last_kind(store, &key(id))?;
        let stands = matches!(last.as_deref(), Some("settlement" | "reinstatement"));
        if last.is_none() || stands != (kind == JournalKind::Reversal) {
            return Ok(());
        }
        let Some(side) = side_of(&books::entries_of(store, &key(id))?) else { return Ok(()) };
        let entries = ledger::entries(&side, funds);
        let journal = Journal { key: key(id), kind, happened: day, learned: now, entries };
        books::journal_add(store, &journal)
    }
}

/// This office's side of what is booked already.
fn side_of(booked: &[books::BookedEntry]) -> Option<Side> {
    let named = |kind: &str| {
        booked.iter().find_map(|entry| entry.account.strip_prefix(kind)?.split('/').next().map(str::to_owned))
    };
    Some(Side::Treatment {
        pool: Region::new(&named("due_from_pool/")?).ok()?,
        institution: InstitutionCode::new(named("owed_to_institution/")?).ok()?,
    })
}

fn key(id: &SettlementId) -> BusinessKey {
    BusinessKey::new(id.as_str()).expect("a settlement number is a key")
}

fn lost_visit(claim: &ClaimSheet, id: &SettlementId, sheet: &SettledSheet) -> String {
    let visit = claim.care.visit.as_ref().map_or("-", |visit| visit.as_str());
    let (institution, day) = (&claim.care.place.institution, sheet.day);
    let funds: Fen = sheet.funds.iter().map(|(_, amount)| *amount).sum();
    format!(
        "结算{id}(就诊{visit},机构{institution},{day},基金{funds}元)已入账,就诊与费用明细不在信件中:撤销须由管理员处理 | \
         settlement {id} (visit {visit}, institution {institution}, {day}, funds {funds} yuan) is in the books; its visit \
         and fee lines are in no letter"
    )
}
