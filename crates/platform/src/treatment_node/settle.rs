//! 2206, 2207, 2303, 2304, 5203: what would be paid, what is paid, what was paid.

use super::TreatmentOffice;
use super::desk::{Context, Desk, Outcome, Trouble, same_insurance};
use crate::letters::{Ask, CareSheet, ClaimSheet};
use crate::life;
use crate::protocol::answer::Answer;
use crate::protocol::codes;
use crate::protocol::normalise::Input;
use crate::protocol::settle::{SettlementQuery, Settling, Shown, Sign, settlement};
use crate::records::{FeeLine, SettlementRecord, Visit, VisitKind, VisitState, Written};
use crate::refusal::{Code, Refusal};
use crate::store::{received, settlements, visits};
use insurance::catalogue::Split;
use insurance::identity::SettlementId;
use insurance::money::Fen;
use insurance::settlement::{Event, State};

/// What a settling message comes to, checked.
struct Bill {
    visit: Visit,
    care: CareSheet,
    split: Split,
    batch: Option<String>,
    account_used: bool,
    written: Written,
    warning: Option<String>,
}

impl TreatmentOffice {
    pub(super) fn quote(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let bill = self.bill(desk, input, false)?;
        let record = self.record(desk, &bill, None);
        let claim = self.claim(&bill, None);
        Ok(Outcome::Ask {
            place: Some(claim.care.pool),
            ask: Ask::Quote(claim),
            context: Context::Quote(bill.visit.id.clone(), Box::new(record), bill.warning),
        })
    }

    /// The intent is written, with its lines bound to it, before the question leaves.
    pub(super) fn settle(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let bill = self.bill(desk, input, true)?;
        let id = self.settlement_number(desk.store, desk.now, bill.visit.pool())?;
        let mut record = self.record(desk, &bill, Some(id.clone()));
        let moment = desk.moment();
        life::treatment_moves(desk.store, &moment, &bill.visit, &mut record, Event::SettlementIntended)?;
        visits::fee_lines_bind(desk.store, &bill.visit, bill.batch.as_deref(), &id)?;
        received::received_made(desk.store, desk.key, Some(id.as_str()), Some(bill.visit.id.as_str()))?;
        let claim = self.claim(&bill, Some(id.clone()));
        Ok(Outcome::Ask {
            place: Some(claim.care.pool),
            ask: Ask::Settle(claim),
            context: Context::Settle(id, bill.warning),
        })
    }

    /// Everything about a settling message that this office can check itself.
    fn bill(&self, desk: &mut Desk<'_>, input: &Input, booking: bool) -> Result<Bill, Trouble> {
        let asked: Settling = input.one("data")?;
        let written: Written = input.one("data")?;
        let kind =
            if desk.key.infno.starts_with("22") { VisitKind::Outpatient } else { VisitKind::Inpatient };
        let visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, kind)?;
        same_insurance(&asked.insutype, &visit)?;
        if crate::protocol::visit::is_set(asked.mid_setl_flag.as_ref()) {
            return Err(Refusal::new(Code::MidStaySettlementRefused).into());
        }
        let batch = match kind {
            VisitKind::Outpatient => asked.chrg_bchno.clone(),
            VisitKind::Inpatient => None,
        };
        self.not_settled_or_open(desk, &visit, batch.as_deref())?;
        if booking && kind == VisitKind::Inpatient && visit.state != VisitState::Discharged {
            return Err(Refusal::new(Code::StayNotDischarged).with("visit", &visit.id).into());
        }
        let lines = self.unsettled(desk, &visit, batch.as_deref())?;
        let split: Split = lines.iter().map(|line| line.split).sum();
        if asked.medfee_sumamt.0 != split.total() {
            return Err(Refusal::new(Code::BillSumDiffers)
                .with("found", asked.medfee_sumamt.0)
                .with("expected", split.total())
                .with("count", lines.len())
                .into());
        }
        let warning = self.compare_split(desk, &asked, &split)?;
        let care = self.care(desk, &visit, &asked)?;
        Ok(Bill {
            visit,
            care,
            split,
            batch,
            account_used: crate::protocol::visit::is_set(asked.acct_used_flag.as_ref()),
            written,
            warning,
        })
    }

    /// One settlement at a time: none that stands (for the stay, or for the batch), none that is being resolved.
    fn not_settled_or_open(
        &self,
        desk: &mut Desk<'_>,
        visit: &Visit,
        batch: Option<&str>,
    ) -> Result<(), Trouble> {
        for record in settlements::settlements_of_visit(desk.store, visit)? {
            if record.takes_back.is_some() {
                continue;
            }
            if record.state.is_open() {
                return Err(Refusal::new(Code::SettlementUnresolved)
                    .with("visit", &visit.id)
                    .with_both("state", record.state.zh(), record.state.en())
                    .into());
            }
            let same_part = batch.is_none() || record.batch.as_deref() == batch;
            if record.state == State::Settled && same_part {
                // A batch may take new lines after it was settled; without new lines it is settled twice.
                let fresh = batch.is_some() && !self.lines_of(desk, visit, batch)?.is_empty();
                if !fresh {
                    return Err(Refusal::new(Code::SettlementAlreadyDone)
                        .with("visit", &visit.id)
                        .with("settlement", &record.id)
                        .into());
                }
            }
        }
        Ok(())
    }

    fn lines_of(
        &self,
        desk: &mut Desk<'_>,
        visit: &Visit,
        batch: Option<&str>,
    ) -> Result<Vec<FeeLine>, Trouble> {
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        Ok(lines
            .into_iter()
            .filter(|line| line.settlement.is_none())
            .filter(|line| batch.is_none() || line.batch.as_deref() == batch)
            .collect())
    }

    fn unsettled(
        &self,
        desk: &mut Desk<'_>,
        visit: &Visit,
        batch: Option<&str>,
    ) -> Result<Vec<FeeLine>, Trouble> {
        let lines = self.lines_of(desk, visit, batch)?;
        if lines.is_empty() {
            let field =
                batch.map_or_else(|| format!("mdtrt_id {}", visit.id), |batch| format!("chrg_bchno {batch}"));
            return Err(Refusal::new(Code::NoFeeLines).with("field", field).into());
        }
        Ok(lines)
    }

    /// The platform's own split decides the money. What the caller believes is refused (strict) or remarked (lenient).
    fn compare_split(
        &self,
        desk: &Desk<'_>,
        asked: &Settling,
        split: &Split,
    ) -> Result<Option<String>, Refusal> {
        let believed = [
            ("fulamt_ownpay_amt", asked.fulamt_ownpay_amt, split.own),
            ("overlmt_selfpay", asked.overlmt_selfpay, split.over_ceiling),
            ("preselfpay_amt", asked.preselfpay_amt, split.upfront),
            ("inscp_scp_amt", asked.inscp_scp_amt, split.in_scope),
        ];
        // Clients that have no split send four zeros.
        let nothing_said = believed.iter().all(|(_, told, _)| told.is_none_or(|told| told.0 == Fen::ZERO));
        if nothing_said {
            return Ok(None);
        }
        for (field, told, own) in believed {
            let Some(told) = told else { continue };
            if told.0 == own {
                continue;
            }
            let refusal = Refusal::new(Code::SplitDiffers)
                .with("field", field)
                .with("found", told.0)
                .with("expected", own);
            let strict = self.settings.profile(desk.institution.code.as_str()).strict;
            return if strict { Err(refusal) } else { Ok(Some(refusal.text())) };
        }
        Ok(None)
    }

    fn care(&self, desk: &Desk<'_>, visit: &Visit, asked: &Settling) -> Result<CareSheet, Refusal> {
        let med_type = match visit.kind {
            VisitKind::Outpatient => asked.med_type.as_deref().unwrap_or(&visit.med_type),
            VisitKind::Inpatient => &visit.med_type,
        };
        super::outpatient::check_open(&desk.key.infno, med_type, visit.disease.as_ref(), visit.kind)?;
        let (service, emergency) = codes::service_of(med_type, visit.disease.as_ref())
            .ok_or_else(|| super::outpatient::not_open(med_type))?;
        let end = match visit.kind {
            VisitKind::Outpatient => visit.begin.day(),
            VisitKind::Inpatient => {
                let told = asked.discharged.map(|day| day.0).filter(|day| *day <= desk.now.day());
                visit.end.map(|end| end.day()).or(told).unwrap_or(desk.now.day())
            }
        };
        Ok(CareSheet {
            pool: visit.pool(),
            person: visit.person.person_no.clone(),
            insurance: visit.person.insurance,
            visit: Some(visit.id.clone()),
            place: desk.place(),
            service,
            begin: visit.begin.day(),
            end: Some(end.max(visit.begin.day())),
            day: desk.now.day(),
            emergency: emergency || visit.emergency,
            injury: visit.injury,
            third_party: visit.third_party,
        })
    }

    fn claim(&self, bill: &Bill, settlement: Option<SettlementId>) -> ClaimSheet {
        ClaimSheet {
            settlement,
            care: bill.care.clone(),
            treatment: self.home.province,
            split: bill.split,
            account_used: bill.account_used,
        }
    }

    /// The record of a settlement; for a quote it is never saved, and its number stands for the visit.
    fn record(&self, desk: &Desk<'_>, bill: &Bill, id: Option<SettlementId>) -> SettlementRecord {
        const KEPT: [&str; 3] = ["mdtrt_cert_type", "med_type", "invono"];
        let mut written: Written =
            bill.written.iter().filter(|(name, _)| KEPT.contains(&name.as_str())).map(clone_pair).collect();
        if bill.visit.kind == VisitKind::Inpatient {
            written.remove("med_type");
        }
        written.insert("opter".into(), desk.envelope.opter.clone());
        written.insert("opter_name".into(), desk.envelope.opter_name.clone());
        SettlementRecord {
            id: id.unwrap_or_else(|| {
                SettlementId::new(bill.visit.id.as_str()).expect("a visit's number is an identity")
            }),
            visit: bill.visit.id.clone(),
            infno: desk.key.infno.clone(),
            msgid: desk.key.msgid.clone(),
            institution: desk.institution.code.clone(),
            state: State::Absent,
            batch: bill.batch.clone(),
            asked: desk.now,
            settled: None,
            sheet: None,
            takes_back: None,
            taken_back_by: None,
            written,
        }
    }

    pub(super) fn show_settlement(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: SettlementQuery = input.one("data")?;
        let unknown = || Refusal::new(Code::SettlementUnknown).with("settlement", &asked.setl_id);
        let record = settlements::settlement_find(desk.store, &asked.setl_id)?.ok_or_else(unknown)?;
        if asked.mdtrt_id.as_ref().is_some_and(|visit| *visit != record.visit) {
            return Err(unknown().into());
        }
        let visit = desk.visit(&record.visit, &asked.psn_no)?;
        let Some(sheet) = &record.sheet else {
            // It is being resolved, or never came to be: the outer state says which.
            return Err(if record.state.is_open() {
                Refusal::new(Code::SettlementUnresolved)
                    .with("visit", &visit.id)
                    .with_both("state", record.state.zh(), record.state.en())
                    .into()
            } else {
                unknown().into()
            });
        };
        let sign = if record.takes_back.is_some() { Sign::Minus } else { Sign::Plus };
        let output = settlement(&Shown {
            visit: &visit,
            institution: desk.institution,
            record: &record,
            adjudication: &sheet.adjudication,
            funds: &sheet.funds,
            account: sheet.account,
            sign,
        });
        let answer = Answer::success(&desk.key.infno, output);
        // A settlement that was taken back is still shown: that it does not stand has to be said.
        Ok(Outcome::Answer(match record.state {
            State::Settled => answer,
            state => {
                let by = record.taken_back_by.as_ref().map_or("-", |id| id.as_str());
                answer.with_warning(format!("{}({by}) | {} ({by})", state.outer().zh(), state.outer().en()))
            }
        }))
    }
}

fn clone_pair((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

/// Whether a settlement stands or may still come to stand.
pub(super) fn holds(record: &SettlementRecord) -> bool {
    record.takes_back.is_none() && (record.state == State::Settled || record.state.is_open())
}
