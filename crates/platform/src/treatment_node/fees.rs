//! 2204, 2205, 2301, 2302, 5204: fee lines are checked, split by this province's catalogue, kept, taken away, shown.
//! An upload is kept whole or not at all.

use super::TreatmentOffice;
use super::desk::{Desk, Outcome, Trouble};
use crate::protocol::answer::Answer;
use crate::protocol::fees::{self, BatchDelete, EVERYTHING, FeeQuery, FeeRow, LineDelete};
use crate::protocol::normalise::Input;
use crate::records::{FeeLine, Visit, VisitKind, Written};
use crate::refusal::{Code, Refusal};
use crate::store::{settlements, visits};
use insurance::catalogue::{CatalogueGap, Gender, PatientContext, split_line};
use insurance::identity::FeeLineNo;
use insurance::money::Fen;
use std::collections::BTreeMap;

impl TreatmentOffice {
    pub(super) fn fees_upload(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let rows: Vec<FeeRow> = input.many("feedetail")?;
        let written: Vec<Written> = input.many("feedetail")?;
        let kind = if desk.key.infno == "2204" { VisitKind::Outpatient } else { VisitKind::Inpatient };
        let Some(first) = rows.first() else {
            return Err(Refusal::new(Code::NodeMissing)
                .with("infno", &desk.key.infno)
                .with("node", "feedetail")
                .into());
        };
        let visit = desk.visit_of_kind(&first.mdtrt_id, &first.psn_no, kind)?;
        self.may_take_fees(desk, &visit)?;
        let known = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        let mut book: BTreeMap<FeeLineNo, FeeLine> =
            known.into_iter().map(|line| (line.line.clone(), line)).collect();
        let mut added = Vec::with_capacity(rows.len());
        for (row, written) in rows.into_iter().zip(written) {
            if row.mdtrt_id != visit.id || row.psn_no != visit.person.person_no {
                return Err(Refusal::new(Code::VisitOfAnotherPerson)
                    .with("visit", &row.mdtrt_id)
                    .with("person", &row.psn_no)
                    .into());
            }
            let line = self.fee_line(desk, &visit, row, written, &book)?;
            book.insert(line.line.clone(), line.clone());
            added.push(line);
        }
        let bill: i128 = book.values().map(|line| i128::from(line.total.0)).sum();
        if bill > i128::from(Fen::LARGEST_BILL.0) {
            let last = added.last().map_or_else(String::new, |line| line.line.to_string());
            return Err(Refusal::new(Code::FeeLineTooLarge)
                .with("line", last)
                .with("limit", Fen::LARGEST_BILL)
                .into());
        }
        visits::fee_lines_add(desk.store, &visit, &added)?;
        desk.success(fees::split_rows(added.iter().map(|line| (line, self.catalogue.item(&line.item)))))
    }

    fn may_take_fees(&self, desk: &mut Desk<'_>, visit: &Visit) -> Result<(), Trouble> {
        if visit.kind == VisitKind::Inpatient {
            let records = settlements::settlements_of_visit(desk.store, visit)?;
            if records.iter().any(super::settle::holds) {
                return Err(Refusal::new(Code::VisitEnded)
                    .with("visit", &visit.id)
                    .with("infno", &desk.key.infno)
                    .into());
            }
        }
        Ok(())
    }

    fn fee_line(
        &self,
        desk: &Desk<'_>,
        visit: &Visit,
        row: FeeRow,
        written: Written,
        book: &BTreeMap<FeeLineNo, FeeLine>,
    ) -> Result<FeeLine, Refusal> {
        let line = &row.feedetl_sn;
        if book.contains_key(line) {
            return Err(Refusal::new(Code::FeeLineRepeated).with("line", line));
        }
        let too_large =
            || Refusal::new(Code::FeeLineTooLarge).with("line", line).with("limit", Fen::LARGEST_BILL);
        let total = row.pric.0.times(row.cnt.0).ok_or_else(too_large)?;
        if total != row.det_item_fee_sumamt.0 {
            return Err(Refusal::new(Code::FeeLineSumWrong)
                .with("line", line)
                .with("found", row.det_item_fee_sumamt.0)
                .with("expected", total));
        }
        let day = row.fee_ocur_time.0.day();
        let last = visit.end.map_or(desk.now.day(), |end| end.day());
        if day < visit.begin.day() || day > last {
            return Err(Refusal::new(Code::FeeLineDayOutside)
                .with("line", line)
                .with("found", row.fee_ocur_time.0)
                .with("expected", format!("{} ~ {last}", visit.begin.day())));
        }
        check_refund(&row, total, book)?;
        let patient = PatientContext {
            inpatient: visit.kind == VisitKind::Inpatient,
            level: desk.institution.level(),
            gender: Gender::of_code(&visit.person.gender),
            age: day.age_of_born(visit.person.birth),
        };
        let terms =
            self.catalogue.terms(self.home.province, &row.med_list_codg, day, &patient).map_err(|gap| {
                match gap {
                    CatalogueGap::UnknownItem => {
                        Refusal::new(Code::ItemUnknown).with("line", line).with("found", &row.med_list_codg)
                    }
                    CatalogueGap::NotInForce => Refusal::new(Code::ItemNotInForce)
                        .with("line", line)
                        .with("found", &row.med_list_codg)
                        .with("day", day),
                }
            })?;
        let split = split_line(row.pric.0, row.cnt.0, &terms).ok_or_else(too_large)?;
        Ok(FeeLine {
            line: row.feedetl_sn,
            batch: row.chrg_bchno,
            at: row.fee_ocur_time.0,
            item: row.med_list_codg,
            price: row.pric.0,
            quantity: row.cnt.0,
            total,
            split,
            class: terms.class,
            upfront: terms.upfront,
            ceiling: terms.ceiling,
            not_payable: terms.not_payable,
            refunds: row.init_feedetl_sn,
            settlement: None,
            written: fees::keep(written),
        })
    }

    pub(super) fn fees_delete_batch(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: BatchDelete = input.one("data")?;
        let visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, VisitKind::Outpatient)?;
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        let everything = asked.chrg_bchno == EVERYTHING;
        let wanted: Vec<&FeeLine> = lines
            .iter()
            .filter(|line| everything || line.batch.as_deref() == Some(asked.chrg_bchno.as_str()))
            .collect();
        if let (false, Some(settled)) = (everything, wanted.iter().find(|line| line.settlement.is_some())) {
            return Err(settled_line(settled).into());
        }
        let mut deleted = 0;
        for line in wanted {
            deleted += visits::fee_line_delete(desk.store, &visit, &line.line)?;
        }
        done_with_count(desk, deleted)
    }

    pub(super) fn fees_delete_lines(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Vec<LineDelete> = input.many("data")?;
        let Some(first) = asked.first() else { return desk.done() };
        let visit = desk.visit_of_kind(&first.mdtrt_id, &first.psn_no, VisitKind::Inpatient)?;
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        // One call, one stay: a row of another visit or person is a mistake, never a line to look for here.
        if let Some(row) =
            asked.iter().find(|row| row.mdtrt_id != visit.id || row.psn_no != visit.person.person_no)
        {
            return Err(Refusal::new(Code::VisitOfAnotherPerson)
                .with("visit", &row.mdtrt_id)
                .with("person", &row.psn_no)
                .into());
        }
        let everything = asked.iter().any(|row| row.feedetl_sn.as_str() == EVERYTHING);
        let mut wanted: Vec<&FeeLine> = Vec::new();
        for row in asked.iter().filter(|_| !everything) {
            let line = lines
                .iter()
                .find(|line| line.line == row.feedetl_sn)
                .ok_or_else(|| Refusal::new(Code::FeeLineUnknown).with("line", &row.feedetl_sn))?;
            if line.settlement.is_some() {
                return Err(settled_line(line).into());
            }
            wanted.push(line);
        }
        if everything {
            wanted = lines.iter().collect();
        }
        let stays = |line: &&FeeLine| !wanted.iter().any(|gone| gone.line == line.line);
        let orphan = lines.iter().filter(stays).find(|line| {
            line.refunds.as_ref().is_some_and(|charge| wanted.iter().any(|gone| gone.line == *charge))
        });
        if let Some(orphan) = orphan {
            return Err(refund_without_charge(orphan.line.as_str(), orphan.refunds.as_ref()).into());
        }
        let mut deleted = 0;
        for line in wanted {
            deleted += visits::fee_line_delete(desk.store, &visit, &line.line)?;
        }
        done_with_count(desk, deleted)
    }

    pub(super) fn show_fees(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: FeeQuery = input.one("data")?;
        let visit = desk.visit(&asked.mdtrt_id, &asked.psn_no)?;
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        let wanted = lines
            .iter()
            .filter(|line| asked.setl_id.is_none() || line.settlement == asked.setl_id)
            .map(|line| (line, self.catalogue.item(&line.item)));
        let rows = fees::fee_rows(&visit, wanted);
        desk.success(rows)
    }
}

/// A refund line gives back at most what its charge, less earlier refunds, holds; at the same price.
fn check_refund(row: &FeeRow, total: Fen, book: &BTreeMap<FeeLineNo, FeeLine>) -> Result<(), Refusal> {
    if row.cnt.0.0 >= 0 && total >= Fen::ZERO {
        return Ok(());
    }
    let refused = || refund_without_charge(row.feedetl_sn.as_str(), row.init_feedetl_sn.as_ref());
    let original = row.init_feedetl_sn.as_ref().ok_or_else(refused)?;
    let charge = book.get(original).ok_or_else(refused)?;
    let refunded: i64 = book
        .values()
        .filter(|line| line.refunds.as_ref() == Some(original))
        .map(|line| line.quantity.0)
        .sum();
    let left = charge.quantity.0 + refunded;
    let same = charge.price == row.pric.0 && charge.item == row.med_list_codg && charge.settlement.is_none();
    if same && -row.cnt.0.0 <= left && row.cnt.0.0 < 0 { Ok(()) } else { Err(refused()) }
}

fn refund_without_charge(line: &str, original: Option<&FeeLineNo>) -> Refusal {
    Refusal::new(Code::RefundWithoutCharge)
        .with("line", line)
        .with("original", original.map_or("", |original| original.as_str()))
}

fn settled_line(line: &FeeLine) -> Refusal {
    Refusal::new(Code::FeeLineSettled)
        .with("line", &line.line)
        .with("settlement", line.settlement.as_ref().map_or("", |settlement| settlement.as_str()))
}

/// Deleting may be repeated; the remark tells how much there was to delete.
fn done_with_count(desk: &Desk<'_>, deleted: usize) -> Result<Outcome, Trouble> {
    let answer = Answer::success(&desk.key.infno, serde_json::Value::Null);
    Ok(Outcome::Answer(if deleted == 0 {
        answer.with_warning("没有未结算的明细可删除 | there was no unsettled line to delete")
    } else {
        answer
    }))
}
