//! 2401 to 2405, 5201, 5303: a stay begins, changes, ends, never was; and the queries that show visits.

use super::TreatmentOffice;
use super::desk::{Context, Desk, Draft, Outcome, Trouble, disease_of, insurance_of, same_insurance};
use super::outpatient::{check_open, not_open};
use super::people::pool_of;
use crate::doors::StoreError;
use crate::letters::{Ask, CareSheet, StayRef};
use crate::protocol::codes;
use crate::protocol::normalise::Input;
use crate::protocol::visit::{
    self, Admission, AdmissionChange, Discharge, InHospitalQuery, VisitKey, VisitQuery,
};
use crate::records::{Visit, VisitKind, VisitState, Written};
use crate::refusal::{Code, Refusal};
use crate::store::{settlements, visits};
use insurance::calendar::Instant;
use insurance::claim::Service;

impl TreatmentOffice {
    /// The insured place is asked before the stay comes to be: it keeps the stay, so that no two overlap.
    pub(super) fn admit(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Admission = input.one("mdtrtinfo")?;
        let mut written: Written = input.one("mdtrtinfo")?;
        let diagnoses: Vec<Written> = input.many("diseinfo")?;
        desk.not_in_future("begntime", asked.begntime.0)?;
        let disease = disease_of(asked.dise_codg);
        check_open(&desk.key.infno, &asked.med_type, disease.as_ref(), VisitKind::Inpatient)?;
        let pool = pool_of(desk.insured_place()?);
        let (_, emergency) =
            codes::service_of(&asked.med_type, disease.as_ref()).ok_or_else(|| not_open(&asked.med_type))?;
        let emergency = emergency
            || visit::is_set(asked.er_flag.as_ref())
            || visit::is_set(asked.otp_er_refl_flag.as_ref());
        let id = self.visit_number(desk.store, desk.now, pool)?;
        if let Some(number) = written.get("ipt_no").cloned() {
            written.insert("ipt_otp_no".into(), number);
        }
        let care = CareSheet {
            pool,
            person: asked.psn_no,
            insurance: insurance_of(&asked.insutype)?,
            visit: Some(id.clone()),
            place: desk.place(),
            service: Service::Inpatient,
            begin: asked.begntime.0.day(),
            end: None,
            day: desk.now.day(),
            emergency,
            injury: visit::is_set(asked.trum_flag.as_ref()) || codes::is_injury(&asked.med_type),
            third_party: visit::is_set(asked.rel_ttp_flag.as_ref()),
        };
        let draft = Draft {
            id,
            kind: VisitKind::Inpatient,
            institution: desk.institution.code.clone(),
            med_type: asked.med_type,
            begin: asked.begntime.0,
            disease,
            emergency,
            injury: care.injury,
            third_party: care.third_party,
            written: visit::keep(written),
            diagnoses,
        };
        Ok(Outcome::Ask {
            place: Some(pool),
            ask: Ask::OpenStay(care),
            context: Context::Admit(Box::new(draft)),
        })
    }

    pub(super) fn discharge(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Discharge = input.one("dscginfo")?;
        let written: Written = input.one("dscginfo")?;
        let diagnoses: Vec<Written> = input.many("diseinfo")?;
        let mut visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, VisitKind::Inpatient)?;
        same_insurance(&asked.insutype, &visit)?;
        if let (VisitState::Discharged, Some(end)) = (visit.state, visit.end) {
            return Err(Refusal::new(Code::StayAlreadyDischarged)
                .with("visit", &visit.id)
                .with("day", end.day())
                .into());
        }
        desk.not_in_future("endtime", asked.endtime.0)?;
        if asked.endtime.0.day() < visit.begin.day() {
            return Err(Refusal::new(Code::DischargeBeforeAdmission)
                .with("found", asked.endtime.0)
                .with("expected", visit.begin)
                .into());
        }
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        if let Some(later) = lines.iter().find(|line| line.at.day() > asked.endtime.0.day()) {
            return Err(Refusal::new(Code::FeeLineDayOutside)
                .with("line", &later.line)
                .with("found", later.at)
                .with("expected", format!("{} ~ {}", visit.begin.day(), asked.endtime.0.day()))
                .into());
        }
        visit.state = VisitState::Discharged;
        visit.end = Some(asked.endtime.0);
        visit.written.extend(visit::keep(written));
        if !diagnoses.is_empty() {
            visit.diagnoses = diagnoses;
        }
        self.stay_changed(desk, &mut visit)?;
        desk.done()
    }

    pub(super) fn undo_discharge(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: VisitKey = input.one("data")?;
        let mut visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, VisitKind::Inpatient)?;
        if visit.state != VisitState::Discharged {
            return Err(Refusal::new(Code::StayNotDischarged).with("visit", &visit.id).into());
        }
        self.not_settled(desk, &visit)?;
        visit.state = VisitState::Open;
        visit.end = None;
        self.stay_changed(desk, &mut visit)?;
        desk.done()
    }

    pub(super) fn change_admission(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: AdmissionChange = input.one("adminfo")?;
        let written: Written = input.one("adminfo")?;
        let diagnoses: Vec<Written> = input.many("diseinfo")?;
        let mut visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, VisitKind::Inpatient)?;
        self.not_settled(desk, &visit)?;
        desk.not_in_future("begntime", asked.begntime.0)?;
        let disease = disease_of(asked.dise_codg);
        check_open(&desk.key.infno, &asked.med_type, disease.as_ref(), VisitKind::Inpatient)?;
        if visit.end.is_some_and(|end| end.day() < asked.begntime.0.day()) {
            return Err(Refusal::new(Code::DischargeBeforeAdmission)
                .with("found", visit.end.map_or_else(String::new, |end| end.to_string()))
                .with("expected", asked.begntime.0)
                .into());
        }
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        if let Some(earlier) = lines.iter().find(|line| line.at.day() < asked.begntime.0.day()) {
            let last = visit.end.map_or(desk.now.day(), |end| end.day());
            return Err(Refusal::new(Code::FeeLineDayOutside)
                .with("line", &earlier.line)
                .with("found", earlier.at)
                .with("expected", format!("{} ~ {last}", asked.begntime.0.day()))
                .into());
        }
        visit.begin = asked.begntime.0;
        visit.emergency = visit.emergency || asked.med_type.starts_with("24");
        visit.med_type = asked.med_type;
        visit.disease = disease.or(visit.disease);
        if asked.trum_flag.is_some() {
            visit.injury = visit::is_set(asked.trum_flag.as_ref());
        }
        visit.injury = visit.injury || codes::is_injury(&visit.med_type);
        if asked.rel_ttp_flag.is_some() {
            visit.third_party = visit::is_set(asked.rel_ttp_flag.as_ref());
        }
        visit.written.extend(visit::keep(written));
        visit.diagnoses = diagnoses;
        self.stay_changed(desk, &mut visit)?;
        desk.done()
    }

    pub(super) fn cancel_admission(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: VisitKey = input.one("data")?;
        let visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, VisitKind::Inpatient)?;
        self.nothing_hangs_on(desk, &visit, "2302")?;
        self.stay_never_was(desk, visit)?;
        desk.done()
    }

    /// Cancels a stay here, and tells the insured place.
    pub(super) fn stay_never_was(&self, desk: &mut Desk<'_>, mut visit: Visit) -> Result<(), StoreError> {
        visit.state = VisitState::Cancelled;
        visits::visit_save(desk.store, &visit)?;
        self.tell(desk.store, desk.now, visit.pool(), Ask::CloseStay(stay_ref(&visit)))
    }

    /// Saves changed days here, and tells the insured place.
    fn stay_changed(&self, desk: &mut Desk<'_>, visit: &mut Visit) -> Result<(), StoreError> {
        visit.version += 1;
        visits::visit_save(desk.store, visit)?;
        let change = Ask::ChangeStay {
            stay: stay_ref(visit),
            version: visit.version,
            begin: visit.begin.day(),
            end: visit.end.map(|end| end.day()),
        };
        self.tell(desk.store, desk.now, visit.pool(), change)
    }

    fn not_settled(&self, desk: &mut Desk<'_>, visit: &Visit) -> Result<(), Trouble> {
        let records = settlements::settlements_of_visit(desk.store, visit)?;
        match records.iter().find(|record| super::settle::holds(record)) {
            Some(standing) => Err(Refusal::new(Code::VisitHasSettlement)
                .with("visit", &visit.id)
                .with("settlement", &standing.id)
                .into()),
            None => Ok(()),
        }
    }

    pub(super) fn show_visits(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: VisitQuery = input.one("data")?;
        let found = visits::visits_of_person(
            desk.store,
            &desk.institution.code,
            &asked.psn_no,
            asked.begntime.0,
            until(asked.endtime.0),
        )?;
        let wanted: Vec<Visit> = found
            .into_iter()
            .filter(|visit| asked.mdtrt_id.as_ref().is_none_or(|id| *id == visit.id))
            .filter(|visit| visit.med_type.get(..2) == asked.med_type.get(..2))
            .collect();
        desk.success(visit::visits(&wanted, desk.now.day()))
    }

    pub(super) fn show_in_hospital(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: InHospitalQuery = input.one("data")?;
        let found = visits::visits_in_hospital(
            desk.store,
            &desk.institution.code,
            asked.begntime.0,
            until(asked.endtime.0),
        )?;
        let wanted: Vec<Visit> = found
            .into_iter()
            .filter(|visit| asked.psn_no.as_ref().is_none_or(|person| *person == visit.person.person_no))
            .collect();
        desk.success(visit::in_hospital(&wanted, desk.now.day(), self.home.province))
    }
}

/// The stay as the insured place knows it.
pub(super) fn stay_ref(visit: &Visit) -> StayRef {
    StayRef { pool: visit.pool(), person: visit.person.person_no.clone(), visit: visit.id.clone() }
}

/// The end of a range: software that sends a day alone means the whole of it.
fn until(end: Instant) -> Instant {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    if end.to_string().ends_with(" 00:00:00") { end.plus_ms(DAY_MS - 1) } else { end }
}
