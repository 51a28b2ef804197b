//! What holds of the policies of every place: retired people get no less than working ones, long-term no less than
//! referred, referred no less than other temporary, whatever the bill and whatever is used this year.

use super::embedded;
use insurance::accumulators::{Accumulators, Measure};
use insurance::adjudication::{Adjudication, CannotAdjudicate, adjudicate};
use insurance::calendar::ServiceDate;
use insurance::catalogue::Split;
use insurance::claim::{CarePlace, Claim, HospitalLevel, Service};
use insurance::filing::Standing;
use insurance::identity::{DiseaseCode, Region};
use insurance::money::Fen;
use insurance::person::{Insurance, Needy, Person, PersonClass, Wallet};
use insurance::policy::{Package, PolicyBook};
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::LazyLock;

static BOOK: LazyLock<PolicyBook> = LazyLock::new(|| embedded().unwrap_or_else(|faults| panic!("{faults}")));

/// One case but for the person's class and standing.
#[derive(Clone, Debug)]
struct Bill {
    package: &'static Package,
    service: Service,
    level: HospitalLevel,
    birth: ServiceDate,
    needy: Option<Needy>,
    scope: Fen,
    days: i32,
    used: Accumulators,
}

impl Bill {
    fn answer(&self, class: PersonClass, standing: Standing) -> Result<Adjudication, CannotAdjudicate> {
        let insurance = self.package.insurance;
        let begin: ServiceDate = "2026-01-10".parse().expect("a day");
        let person = Person {
            insurance,
            class,
            birth: self.birth,
            retired_on: None,
            needy: self.needy,
            civil_servant: false,
        };
        let claim = Claim {
            service: self.service.clone(),
            begin,
            end: begin.plus_days(self.days),
            place: CarePlace { region: Region::new("630104").expect("a region"), level: self.level },
            standing,
            split: Split { in_scope: self.scope, ..Split::default() },
            account_used: false,
        };
        adjudicate(self.package, &person, Wallet::default(), &claim, &self.used)
    }

    /// What the funds pay.
    fn fund(&self, class: PersonClass, standing: Standing) -> Fen {
        self.answer(class, standing).unwrap_or_else(|refusal| panic!("{refusal}")).shares.fund()
    }
}

fn amount() -> BoxedStrategy<Fen> {
    prop_oneof![0..=500_i64, 0..=500_000_i64, 0..=20_000_000_i64, 0..=150_000_000_i64].prop_map(Fen).boxed()
}

fn used() -> BoxedStrategy<Accumulators> {
    let amounts = [amount(), amount(), amount(), amount(), amount(), amount(), amount()];
    (0..5_i64, amounts)
        .prop_map(|(stays, amounts)| {
            let measures = [
                Measure::InpatientDeductible,
                Measure::InpatientPool,
                Measure::OutpatientDeductible,
                Measure::OutpatientInScope,
                Measure::OutpatientPool,
                Measure::LargeAmount,
                Measure::SecondLayerBase,
            ];
            let amounts = measures.into_iter().zip(amounts.map(|fen| fen.0));
            std::iter::once((Measure::Admissions, stays)).chain(amounts).collect()
        })
        .boxed()
}

fn bill(insurance: Option<Insurance>) -> BoxedStrategy<Bill> {
    let of = move |package: &&Package| insurance.is_none_or(|wanted| wanted == package.insurance);
    let packages: Vec<&'static Package> = BOOK.packages().filter(of).collect();
    let service = prop_oneof![
        4 => Just(Service::Inpatient),
        2 => Just(Service::Outpatient),
        1 => Just(Service::EmergencyOutpatient),
        1 => Just(Service::Chronic(DiseaseCode::new("M03900").expect("a disease"))),
    ];
    let levels = vec![
        HospitalLevel::Community,
        HospitalLevel::One,
        HospitalLevel::Two,
        HospitalLevel::Three,
        HospitalLevel::ThreeProvincial,
    ];
    let needy = prop_oneof![3 => Just(None), 1 => Just(Some(Needy::LowIncome))];
    (select(packages), service, select(levels), 1935..2005_i16, needy, amount(), 0..200_i32, used())
        .prop_map(|(package, service, level, year, needy, scope, days, used)| {
            let birth = ServiceDate::of(year, 6, 15).expect("a day");
            Bill { package, service, level, birth, needy, scope, days, used }
        })
        .boxed()
}

proptest! {
    #[test]
    fn retired_people_get_no_less_than_working_ones(bill in bill(Some(Insurance::Employee))) {
        for standing in [Standing::LongTerm, Standing::Referral, Standing::OtherTemporary] {
            let working = bill.fund(PersonClass::Active, standing);
            let retired = bill.fund(PersonClass::Retired, standing);
            prop_assert!(retired >= working, "{standing:?}: retired {retired:?}, working {working:?}");
        }
    }

    #[test]
    fn long_term_gets_no_less_than_referral_and_referral_than_other(bill in bill(None)) {
        for &class in bill.package.insurance.classes() {
            let fund = |standing| bill.fund(class, standing);
            let long_term = fund(Standing::LongTerm);
            let (referral, emergency) = (fund(Standing::Referral), fund(Standing::Emergency));
            let other = fund(Standing::OtherTemporary);
            prop_assert!(long_term >= referral, "{class:?}: {long_term:?}, {referral:?}");
            prop_assert_eq!(referral, emergency);
            prop_assert!(referral >= other, "{class:?}: {referral:?}, {other:?}");
            prop_assert!(fund(Standing::ReturnHome) >= referral);
        }
    }

    #[test]
    fn the_shares_are_the_fee_and_the_pool_stays_below_its_cap(bill in bill(None)) {
        for &class in bill.package.insurance.classes() {
            let Ok(adjudication) = bill.answer(class, Standing::Referral) else { continue };
            prop_assert_eq!(adjudication.shares.total(), bill.scope);
            let cap = adjudication.explanation.iter().find(|step| step.layer == "pool_cap").expect("a step");
            let input = |name: &str| cap.inputs.iter().find(|(known, _)| known == name).map(|(_, fen)| *fen);
            if let (Some(limit), Some(used)) = (input("cap_fen"), input("used_fen")) {
                prop_assert!(adjudication.shares.pool.0 <= (limit - used).max(0));
            }
        }
    }
}
