//! What holds of every claim under every package, however odd: the shares are the fee, nothing is below zero, no cap
//! is passed, more in scope never lowers what the funds pay, and a reversal leaves no trace.

use super::Adjudication;
use super::desk::{Desk, desk, row};
use crate::accumulators::{Accumulators, Measure};
use crate::catalogue::{ItemClass, Split, Terms, split_line};
use crate::claim::Service;
use crate::filing::Standing;
use crate::identity::DiseaseCode;
use crate::money::{Fen, Quantity, Rate, UnitPrice};
use crate::person::{Insurance, Needy, Wallet};
use crate::policy::{
    AccountUse, Assistance, CivilServant, Counted, Deductible, Ladder, LadderBase, LargeAmount, NeedyTerms,
    PoolCap, Reduction, SecondLayer, Segment, Supplement,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

// Strategies are boxed: held by value, their trees would not fit the stack of a test thread.

fn rate() -> BoxedStrategy<Rate> {
    prop_oneof![Just(0), Just(10_000), 0..=10_000].prop_map(Rate).boxed()
}

/// Mostly amounts of a bill, now and then a few fen or millions of yuan.
fn fen() -> BoxedStrategy<Fen> {
    prop_oneof![Just(0_i64), 0..=200_i64, 0..=20_000_000_i64, 0..=2_000_000_000_i64].prop_map(Fen).boxed()
}

fn segments() -> BoxedStrategy<Vec<Segment>> {
    (vec((1..=10_000_000_i64, rate()), 0..4), rate())
        .prop_map(|(closed, last)| {
            let mut below = Fen::ZERO;
            let closed = closed.into_iter().map(|(width, rate)| {
                below += Fen(width);
                Segment { to: Some(below), rate }
            });
            let mut segments: Vec<Segment> = closed.collect();
            segments.push(Segment { to: None, rate: last });
            segments
        })
        .boxed()
}

fn deductible() -> BoxedStrategy<Deductible> {
    prop_oneof![
        (vec(fen(), 1..4), option::of(1..120_i32))
            .prop_map(|(amounts, again_after_days)| Deductible::PerCase { amounts, again_after_days }),
        fen().prop_map(Deductible::PerYear),
        (rate(), fen(), fen()).prop_map(|(rate, least, more)| Deductible::BillShare {
            rate,
            least,
            most: least + more
        }),
    ]
    .boxed()
}

fn ladder() -> BoxedStrategy<Ladder> {
    let base =
        prop_oneof![Just(LadderBase::Case), Just(LadderBase::CaseAfterDeductible), Just(LadderBase::Year)];
    (base, segments()).prop_map(|(base, segments)| Ladder { base, segments }).boxed()
}

fn reduction() -> BoxedStrategy<Reduction> {
    prop_oneof![
        Just(Reduction::None),
        rate().prop_map(Reduction::MinusPoints),
        rate().prop_map(Reduction::Multiply),
        rate().prop_map(|rate| Reduction::ExtraUpfront { rate, as_level: None }),
        (rate(), fen()).prop_map(|(rate, deductible)| Reduction::FixedRate { rate, deductible }),
        (rate(), fen(), fen(), rate()).prop_map(|(share, least, more, rate)| Reduction::BillDeductible {
            share,
            least,
            most: least + more,
            rate
        }),
    ]
    .boxed()
}

fn second_layer() -> BoxedStrategy<SecondLayer> {
    (fen(), segments(), option::of(fen()), any::<[bool; 3]>())
        .prop_map(|(start, segments, cap, flags)| {
            let [borders_from_start, counts_upfront, is_reduced] = flags;
            SecondLayer { start, borders_from_start, segments, cap, counts_upfront, is_reduced }
        })
        .boxed()
}

/// The layers after the pool: large amount, second layer, leaning, civil servant, assistance, account.
type Beyond = (
    Option<LargeAmount>,
    Option<SecondLayer>,
    Option<NeedyTerms>,
    Option<CivilServant>,
    Option<Assistance>,
    Option<AccountUse>,
);

fn beyond() -> BoxedStrategy<Beyond> {
    (
        option::of((rate(), option::of(fen())).prop_map(|(rate, cap)| LargeAmount { rate, cap })),
        option::of(second_layer()),
        option::of((rate(), rate(), any::<bool>()).prop_map(|(start, points, uncapped)| NeedyTerms {
            start,
            points,
            uncapped,
        })),
        option::of(rate().prop_map(|rate| CivilServant { rate })),
        option::of((fen(), rate(), option::of(fen())).prop_map(|(start, rate, cap)| Assistance {
            start,
            rate,
            cap,
        })),
        option::of(any::<[bool; 5]>().prop_map(|[in_scope, upfront, over_ceiling, own, family]| {
            AccountUse { in_scope, upfront, over_ceiling, own, family }
        })),
    )
        .boxed()
}

fn chronic() -> DiseaseCode {
    DiseaseCode::new("M03900").expect("a disease")
}

fn service() -> BoxedStrategy<Service> {
    prop_oneof![
        3 => Just(Service::Inpatient),
        1 => Just(Service::Outpatient),
        1 => Just(Service::EmergencyOutpatient),
        1 => Just(Service::Chronic(chronic())),
    ]
    .boxed()
}

fn used() -> BoxedStrategy<Accumulators> {
    let measures = vec![
        Measure::InpatientDeductible,
        Measure::InpatientInScope,
        Measure::InpatientPool,
        Measure::OutpatientDeductible,
        Measure::OutpatientInScope,
        Measure::OutpatientPool,
        Measure::ChronicPool(chronic()),
        Measure::LargeAmount,
        Measure::SecondLayerBase,
        Measure::SecondLayer,
        Measure::AssistanceBase,
        Measure::Assistance,
    ];
    let amounts = vec((proptest::sample::select(measures), fen()), 0..6);
    (0..4_i64, amounts)
        .prop_map(|(stays, amounts)| {
            let mut used: Accumulators =
                amounts.into_iter().map(|(measure, amount)| (measure, amount.0)).collect();
            used.add(Measure::Admissions, stays);
            used
        })
        .boxed()
}

fn split() -> BoxedStrategy<Split> {
    (fen(), fen(), fen(), fen())
        .prop_map(|(own, over_ceiling, upfront, in_scope)| Split { own, over_ceiling, upfront, in_scope })
        .boxed()
}

fn any_desk() -> BoxedStrategy<Desk> {
    let insurance = prop_oneof![Just(Insurance::Employee), Just(Insurance::Resident)];
    let pool = (deductible(), ladder(), reduction(), option::of((rate(), rate())), option::of(fen()));
    let person = (any::<bool>(), any::<bool>(), any::<bool>(), 0..400_i32);
    (insurance, pool, beyond(), person, service(), used(), split(), (fen(), fen()))
        .prop_map(|(insurance, pool, beyond, person, service, used, split, (own, family))| {
            let mut desk = desk(insurance);
            let (deductible, ladder, reduction, supplement, cap) = pool;
            let (in_need, civil_servant, account_used, days) = person;
            desk.package.deductible.own = vec![row(deductible)];
            desk.package.rates.own = vec![row(ladder)];
            desk.package.reduction.own = vec![row(reduction)];
            let supplement = supplement.map(|(points, ceiling)| row(Supplement { points, ceiling }));
            desk.package.supplement.own.extend(supplement);
            let counts = vec![Counted::Inpatient, Counted::Outpatient, Counted::Disease];
            desk.package.pool_cap.own = vec![row(PoolCap { limit: cap, counts })];
            lay(&mut desk, beyond);
            desk.person.needy = in_need.then_some(Needy::LowIncome);
            desk.person.civil_servant = civil_servant;
            desk.claim.end = desk.claim.begin.plus_days(days);
            desk.claim.standing = Standing::Referral;
            desk.claim.account_used = account_used;
            desk.claim.service = service;
            desk.claim.split = split;
            desk.wallet = Wallet { own, family };
            Desk { used, ..desk }
        })
        .boxed()
}

fn lay(desk: &mut Desk, (large, second, leaning, civil, assistance, account): Beyond) {
    desk.package.large_amount.own.extend(large.map(row));
    desk.package.second_layer.own.extend(second.map(row));
    desk.package.second_layer_needy.own.extend(leaning.map(row));
    desk.package.civil_servant.own.extend(civil.map(row));
    desk.package.assistance.own.extend(assistance.map(row));
    desk.package.account.own.extend(account.map(row));
}

fn answer(desk: &Desk) -> Adjudication {
    desk.answer().unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn results(adjudication: &Adjudication, layer: &str) -> Fen {
    adjudication.explanation.iter().filter(|step| step.layer == layer).map(|step| step.result).sum()
}

fn input(adjudication: &Adjudication, layer: &str, name: &str) -> Option<Fen> {
    let step = adjudication.explanation.iter().find(|step| step.layer == layer)?;
    step.inputs.iter().find(|(known, _)| known == name).map(|(_, value)| Fen(*value))
}

fn line() -> BoxedStrategy<Split> {
    let class = prop_oneof![Just(ItemClass::A), Just(ItemClass::B), Just(ItemClass::C)];
    let terms = (class, rate(), option::of(0..2_000_000_000_i64));
    (0..2_000_000_000_i64, 0..300_000_i64, terms)
        .prop_map(|(price, quantity, (class, upfront, ceiling))| {
            let terms = Terms { class, upfront, ceiling: ceiling.map(UnitPrice), not_payable: None };
            split_line(UnitPrice(price), Quantity(quantity), &terms).expect("no more than a bill")
        })
        .boxed()
}

proptest! {
    #[test]
    fn the_shares_are_the_fee_and_none_is_below_zero(desk in any_desk()) {
        let adjudication = answer(&desk);
        let shares = adjudication.shares;
        prop_assert_eq!(shares.total(), desk.claim.split.total());
        prop_assert_eq!(shares.fund() + shares.personal(), shares.total());
        for share in [
            shares.pool, shares.large_amount, shares.critical_illness, shares.civil_servant,
            shares.enterprise, shares.assistance, shares.account, shares.family_account, shares.cash,
        ] {
            prop_assert!(share >= Fen::ZERO, "{:?}", shares);
        }
        prop_assert!(adjudication.deductible + shares.pool <= desk.claim.split.in_scope);
        prop_assert!(shares.account <= desk.wallet.own && shares.family_account <= desk.wallet.family);
        prop_assert!((Rate::NONE..=Rate::WHOLE).contains(&adjudication.pool_rate));
    }

    #[test]
    fn no_layer_passes_what_is_left_of_its_cap(desk in any_desk()) {
        let shares = answer(&desk).shares;
        let of_service = match &desk.claim.service {
            Service::Chronic(disease) => desk.used.fen(&Measure::ChronicPool(disease.clone())),
            _ => Fen::ZERO,
        };
        let used = desk.used.fen(&Measure::InpatientPool) + desk.used.fen(&Measure::OutpatientPool) + of_service;
        if let Some(limit) = desk.package.pool_cap.own[0].value.limit {
            prop_assert!(shares.pool <= (limit - used).not_below_zero());
        }
        if let Some(cap) = desk.package.assistance.own.first().and_then(|row| row.value.cap) {
            prop_assert!(shares.assistance <= (cap - desk.used.fen(&Measure::Assistance)).not_below_zero());
        }
    }

    #[test]
    fn more_in_scope_never_lowers_what_the_funds_pay(
        desk in any_desk(),
        more in prop_oneof![1..=3_i64, 1..=1_000_000_i64],
    ) {
        let mut richer = desk.clone();
        richer.claim.split.in_scope += Fen(more);
        let (fund, more_fund) = (answer(&desk).shares.fund(), answer(&richer).shares.fund());
        prop_assert!(fund <= more_fund, "{} fen in scope: {}, {} more: {}",
            desk.claim.split.in_scope.0, fund, more, more_fund);
        prop_assert!(more_fund - fund <= Fen(more) + Fen(1), "the funds pay more than was added");
    }

    #[test]
    fn the_steps_add_up_to_what_was_decided(desk in any_desk()) {
        let adjudication = answer(&desk);
        let shares = adjudication.shares;
        prop_assert_eq!(input(&adjudication, "pool_cap", "wanted_fen"), Some(results(&adjudication, "segment")));
        prop_assert_eq!(results(&adjudication, "pool_cap"), shares.pool);
        prop_assert_eq!(results(&adjudication, "deductible"), adjudication.deductible);
        prop_assert_eq!(results(&adjudication, "civil_servant"), shares.civil_servant);
        prop_assert_eq!(results(&adjudication, "assistance"), shares.assistance);
        prop_assert_eq!(results(&adjudication, "cash"), shares.cash);
        let capped = adjudication.explanation.iter().any(|step| step.layer == "second_layer_cap");
        let second = if capped { "second_layer_cap" } else { "second_layer" };
        prop_assert_eq!(
            results(&adjudication, "large_amount") + results(&adjudication, second),
            shares.large_amount + shares.critical_illness
        );
    }

    #[test]
    fn a_reversal_gives_the_accumulators_back(desk in any_desk()) {
        let accrued = answer(&desk).accrued;
        prop_assert_eq!(desk.used.plus(&accrued).plus(&accrued.opposite()), desk.used);
        prop_assert!(accrued.iter().all(|(_, amount)| amount >= 0));
    }

    #[test]
    fn the_order_of_the_lines_does_not_matter(
        mut desk in any_desk(),
        (lines, shuffled) in vec(line(), 1..12).prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
    ) {
        desk.claim.split = lines.into_iter().sum();
        let one = answer(&desk);
        desk.claim.split = shuffled.into_iter().sum();
        prop_assert_eq!(one, answer(&desk));
    }
}
