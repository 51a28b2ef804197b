//! 2201, 2202, 2203: an outpatient visit begins, is described, or never was.

use super::TreatmentOffice;
use super::desk::{Context, Desk, Draft, Outcome, Trouble, disease_of, insurance_of};
use super::people::pool_of;
use crate::letters::{Ask, CareSheet};
use crate::protocol::codes;
use crate::protocol::normalise::Input;
use crate::protocol::tables;
use crate::protocol::visit::{self, OutpatientVisit, Registration, VisitKey};
use crate::records::{Visit, VisitKind, VisitState, Written};
use crate::refusal::{Code, Refusal};
use crate::store::{settlements, visits};
use insurance::claim::Service;

impl TreatmentOffice {
    /// A person may be registered again and again on one day. The kind of care is not known yet: that comes with 2203.
    pub(super) fn register(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Registration = input.one("data")?;
        let written: Written = input.one("data")?;
        desk.not_in_future("begntime", asked.begntime.0)?;
        let pool = pool_of(desk.insured_place()?);
        let id = self.visit_number(desk.store, desk.now, pool)?;
        let care = CareSheet {
            pool,
            person: asked.psn_no,
            insurance: insurance_of(&asked.insutype)?,
            visit: None,
            place: desk.place(),
            service: Service::Outpatient,
            begin: asked.begntime.0.day(),
            end: None,
            day: desk.now.day(),
            emergency: false,
            injury: false,
            third_party: false,
        };
        let draft = Draft {
            id,
            kind: VisitKind::Outpatient,
            institution: desk.institution.code.clone(),
            med_type: "11".into(),
            begin: asked.begntime.0,
            disease: None,
            emergency: false,
            injury: false,
            third_party: false,
            written: visit::keep(written),
            diagnoses: Vec::new(),
        };
        Ok(Outcome::Ask {
            place: Some(pool),
            ask: Ask::CheckEligibility(care),
            context: Context::Register(Box::new(draft)),
        })
    }

    pub(super) fn register_cancel(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: VisitKey = input.one("data")?;
        let mut visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, VisitKind::Outpatient)?;
        self.nothing_hangs_on(desk, &visit, "2205")?;
        visit.state = VisitState::Cancelled;
        visits::visit_save(desk.store, &visit)?;
        desk.done()
    }

    pub(super) fn describe_visit(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: OutpatientVisit = input.one("mdtrtinfo")?;
        let written: Written = input.one("mdtrtinfo")?;
        let diagnoses: Vec<Written> = input.many("diseinfo")?;
        let mut visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, VisitKind::Outpatient)?;
        desk.not_in_future("begntime", asked.begntime.0)?;
        let disease = disease_of(asked.dise_codg);
        check_open(&desk.key.infno, &asked.med_type, disease.as_ref(), VisitKind::Outpatient)?;
        visit.emergency = asked.med_type.starts_with("13");
        visit.med_type = asked.med_type;
        visit.begin = asked.begntime.0;
        visit.disease = disease;
        visit.injury = visit::is_set(asked.trum_flag.as_ref()) || codes::is_injury(&visit.med_type);
        visit.third_party = visit::is_set(asked.rel_ttp_flag.as_ref());
        visit.written.extend(visit::keep(written));
        visit.diagnoses = diagnoses;
        visits::visit_save(desk.store, &visit)?;
        desk.done()
    }

    /// Refuses where fee lines or a standing settlement hang on a visit that is to be cancelled.
    pub(super) fn nothing_hangs_on(
        &self,
        desk: &mut Desk<'_>,
        visit: &Visit,
        cure: &str,
    ) -> Result<(), Trouble> {
        let settlements = settlements::settlements_of_visit(desk.store, visit)?;
        if let Some(standing) = settlements.iter().find(|record| super::settle::holds(record)) {
            return Err(Refusal::new(Code::VisitHasSettlement)
                .with("visit", &visit.id)
                .with("settlement", &standing.id)
                .into());
        }
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        if !lines.is_empty() {
            return Err(Refusal::new(Code::VisitHasFees)
                .with("visit", &visit.id)
                .with("count", lines.len())
                .with("cure", cure)
                .into());
        }
        Ok(())
    }
}

/// Refuses a kind of care that is not open, or that belongs to the other kind of visit.
pub(super) fn check_open(
    infno: &str,
    med_type: &str,
    disease: Option<&insurance::identity::DiseaseCode>,
    kind: VisitKind,
) -> Result<(), Refusal> {
    let (own, other) = match kind {
        VisitKind::Outpatient => (codes::OUTPATIENT_KINDS.as_slice(), codes::INPATIENT_KINDS.as_slice()),
        VisitKind::Inpatient => (codes::INPATIENT_KINDS.as_slice(), codes::OUTPATIENT_KINDS.as_slice()),
    };
    let is_of = |kinds: &[&str]| med_type.get(..2).is_some_and(|kind| kinds.contains(&kind));
    if is_of(other) {
        return Err(of_field(Code::FieldInvalid, infno, "med_type", "医疗类别")
            .with("found", med_type)
            .with("expected", own.join("、")));
    }
    if !is_of(own) {
        return Err(not_open(med_type));
    }
    disease_named(infno, med_type, disease)
}

/// A chronic visit names its disease.
pub(super) fn disease_named(
    infno: &str,
    med_type: &str,
    disease: Option<&insurance::identity::DiseaseCode>,
) -> Result<(), Refusal> {
    if med_type.starts_with("14") && disease.is_none() {
        return Err(of_field(Code::FieldMissing, infno, "dise_codg", "病种编码"));
    }
    Ok(())
}

fn of_field(code: Code, infno: &str, field: &str, label: &str) -> Refusal {
    let node = tables::transaction(infno)
        .and_then(|table| table.input.iter().find(|node| node.fields.iter().any(|known| known.name == field)))
        .map_or("input", |node| node.name.as_str());
    Refusal::new(code).with("infno", infno).with("node", node).with("field", field).with("label", label)
}

/// A kind of care that is not settled directly, with those that are.
pub(super) fn not_open(med_type: &str) -> Refusal {
    Refusal::new(Code::ServiceNotOpen)
        .with("found", med_type)
        .with("outpatient", codes::OUTPATIENT_KINDS.join("、"))
        .with("inpatient", codes::inpatient_range())
}
