//! 9001, 9002, 1101, 1201, 2001, 2501, 5206, 5301: who, where, may they, what have they used.

use super::TreatmentOffice;
use super::desk::{Context, Desk, Outcome, Trouble, disease_of, insurance_of};
use super::outpatient::{disease_named, not_open};
use crate::letters::{Ask, CareSheet, Credential, FilingSheet};
use crate::protocol::codes;
use crate::protocol::credentials::{self, CredentialKind};
use crate::protocol::filing::{OfPerson, Referral};
use crate::protocol::normalise::Input;
use crate::protocol::person::{self, BenefitQuery, InstitutionQuery, PersonQuery, SignIn, SignOut};
use crate::refusal::{Code, Refusal};
use crate::store::{counter_next, people, received};
use insurance::filing::{Evidence, FilingCategory};
use insurance::identity::Region;

impl TreatmentOffice {
    pub(super) fn sign_in(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: SignIn = input.one("signIn")?;
        let serial = counter_next(desk.store, "session")?;
        let day = desk.now.day();
        let number = format!(
            "{}{:04}{:02}{:02}{serial:08}",
            self.home.province.region(),
            day.year(),
            day.month(),
            day.day()
        );
        received::session_add(
            desk.store,
            &number,
            desk.institution.code.as_str(),
            &asked.opter_no,
            desk.now,
        )?;
        desk.success(person::signed_in(&number, desk.now))
    }

    /// A sign-out that finds nothing open is done as well: no client reacts to it.
    pub(super) fn sign_out(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: SignOut = input.one("signOut")?;
        received::session_end(desk.store, &asked.sign_no, desk.institution.code.as_str(), desk.now)?;
        desk.success(person::signed_out(desk.now))
    }

    /// The people of this province are looked up here first; everybody else through the hub's directory.
    pub(super) fn person(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: PersonQuery = input.one("data")?;
        let credential = credential(&asked)?;
        let mut place = None;
        for digest in &credential.digests {
            if let Some((pool, _)) = people::credential_find(desk.store, digest)? {
                place = Some(pool);
                break;
            }
        }
        Ok(Outcome::Ask { place, ask: Ask::FindPerson(credential), context: Context::Find })
    }

    pub(super) fn find_institutions(&self, input: &Input) -> Result<Outcome, Trouble> {
        let asked: InstitutionQuery = input.one("medinsinfo")?;
        let found = self.institutions().filter(|institution| asked.fits(institution));
        Ok(Outcome::Answer(crate::protocol::answer::Answer::success("1201", person::institutions(found))))
    }

    pub(super) fn benefit_check(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: BenefitQuery = input.one("data")?;
        let place = desk.insured_place()?;
        let disease = disease_of(asked.dise_codg);
        disease_named("2001", &asked.med_type, disease.as_ref())?;
        let (service, emergency) =
            codes::service_of(&asked.med_type, disease.as_ref()).ok_or_else(|| not_open(&asked.med_type))?;
        let care = CareSheet {
            pool: pool_of(place),
            person: asked.psn_no,
            insurance: insurance_of(&asked.insutype)?,
            visit: None,
            place: desk.place(),
            service,
            begin: asked.begntime.0.day(),
            end: None,
            day: desk.now.day(),
            emergency,
            injury: false,
            third_party: false,
        };
        Ok(Outcome::Ask { place: Some(care.pool), ask: Ask::CheckEligibility(care), context: Context::Check })
    }

    /// 转院备案: only the kind that leaves the province makes a filing here.
    pub(super) fn file_referral(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Referral = input.one("refmedin")?;
        let place = pool_of(desk.insured_place()?);
        let unsupported = || {
            Refusal::new(Code::ReferralKindUnsupported)
                .with("found", format!("{} / {}", asked.refl_type, asked.mdtrtarea_admdvs))
        };
        let target = Region::new(&asked.mdtrtarea_admdvs).map_err(|_| unsupported())?;
        let named = crate::insured_node::place_filed(place, target)
            .filter(|_| asked.refl_type == "3")
            .ok_or_else(unsupported)?;
        let filing = FilingSheet {
            pool: place,
            person: asked.psn_no,
            filing: self.filing_number(desk.store, desk.now, place)?,
            category: FilingCategory::Referral,
            places: vec![named],
            from: asked.begndate.unwrap_or(asked.refl_date).0,
            until: asked.enddate.map(|day| day.0),
            evidence: Evidence::ReferralCertificate,
        };
        Ok(Outcome::Ask { place: Some(place), ask: Ask::File(filing), context: Context::File })
    }

    pub(super) fn show_used(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: OfPerson = input.one("data")?;
        let pool = pool_of(desk.insured_place()?);
        Ok(Outcome::Ask {
            place: Some(pool),
            ask: Ask::Accumulators { on: asked.day(desk.now.day())?, person: asked.psn_no, pool },
            context: Context::Used(asked.cum_ym),
        })
    }

    pub(super) fn show_qualifications(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: OfPerson = input.one("data")?;
        let pool = pool_of(desk.insured_place()?);
        Ok(Outcome::Ask {
            place: Some(pool),
            ask: Ask::Chronic { person: asked.psn_no, pool },
            context: Context::Chronic,
        })
    }
}

/// The pool of the region that an envelope names: clients may send a county of it.
pub(super) fn pool_of(region: Region) -> Region {
    crate::regions::pool_of(region).unwrap_or(region)
}

/// What a person shows: the named kind first, then the same number as any other kind, because kiosks send identity
/// numbers under every kind; then the certificate beside it.
fn credential(asked: &PersonQuery) -> Result<Credential, Refusal> {
    let mut digests = Vec::new();
    let mut field = None;
    if let Some(number) = &asked.mdtrt_cert_no {
        field = Some("mdtrt_cert_no");
        let named = match asked.mdtrt_cert_type.as_deref() {
            Some("01") => CredentialKind::Voucher,
            Some("03") => CredentialKind::Card,
            _ => CredentialKind::Certificate,
        };
        digests.push(credentials::digest(named, number));
        let others = [CredentialKind::Certificate, CredentialKind::Card, CredentialKind::Voucher];
        digests.extend(
            others.iter().filter(|kind| **kind != named).map(|kind| credentials::digest(*kind, number)),
        );
    }
    if let Some(number) = &asked.certno {
        field = field.or(Some("certno"));
        digests.push(credentials::digest(CredentialKind::Certificate, number));
    }
    let Some(field) = field else {
        return Err(Refusal::new(Code::FieldMissing)
            .with("infno", "1101")
            .with("node", "data")
            .with("field", "mdtrt_cert_no")
            .with("label", "就诊凭证编号"));
    };
    Ok(Credential { digests, name: asked.psn_name.clone(), field: field.to_owned() })
}
