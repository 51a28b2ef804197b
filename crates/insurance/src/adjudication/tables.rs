//! Cases by step, one a line: the package and the case in words, the expected answer in the last column.
//! Amounts are in yuan; `desk` tells what a line may say.

use super::desk::{Desk, fen, rate};
use super::{Adjudication, CannotAdjudicate};

/// Every line comes out as its last column says; all that do not are told together.
fn check(table: &str) {
    let mut faults = Vec::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (case, expected) = line.split_once("=>").unwrap_or_else(|| panic!("no => in {line:?}"));
        let answer = Desk::of(case.trim()).answer();
        for said in expected.split(',') {
            let fault = difference(&answer, said.trim());
            faults.extend(fault.map(|found| format!("{line}\n    {found}")));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn difference(answer: &Result<Adjudication, CannotAdjudicate>, said: &str) -> Option<String> {
    let (name, value) = said.split_once(' ').unwrap_or_else(|| panic!("no value in {said:?}"));
    let adjudication = match answer {
        Ok(_) if name == "refused" => return Some("it was not refused".into()),
        Ok(adjudication) => adjudication,
        Err(refusal) if name == "refused" => {
            let told = refusal.to_string();
            return (!told.contains(value)).then(|| format!("refused otherwise: {told}"));
        }
        Err(refusal) => return Some(format!("refused: {refusal}")),
    };
    if name == "rate" {
        let found = adjudication.pool_rate;
        return (found != rate(value)).then(|| format!("rate: found {found}"));
    }
    let shares = adjudication.shares;
    let found = match name {
        "deductible" => adjudication.deductible,
        "pool" => shares.pool,
        "large" => shares.large_amount,
        "critical" => shares.critical_illness,
        "civil" => shares.civil_servant,
        "assistance" => shares.assistance,
        "account" => shares.account,
        "family" => shares.family_account,
        "cash" => shares.cash,
        step => {
            let of_layer = adjudication.explanation.iter().filter(|one| one.layer == step);
            of_layer.map(|one| one.result).sum()
        }
    };
    (found != fen(value)).then(|| format!("{name}: found {found}"))
}

#[test]
fn deductibles_of_every_kind() {
    check(
        "
        # by number of stay: falling, halved, with a floor, none from the third
        deductible case 600 460 320; scope 10000                      => deductible 600, pool 9400
        deductible case 600 460 320; scope 10000; stays 1             => deductible 460, pool 9540
        deductible case 600 460 320; scope 10000; stays 2             => deductible 320, pool 9680
        deductible case 600 460 320; scope 10000; stays 9             => deductible 320, pool 9680
        deductible case 800 400 0; scope 10000; stays 2               => deductible 0, pool 10000
        # a visit has no number: it always meets the first amount
        deductible case 60 30; scope 100; stays 5; outpatient         => deductible 60, pool 40
        deductible case 60 30; scope 100; stays 5; chronic M03900     => deductible 60, pool 40
        # no more than is in scope
        deductible case 600; scope 599.99                             => deductible 599.99, pool 0
        deductible case 600; scope 0; own 50                          => deductible 0, pool 0, cash 50
        # again for each further period of a long stay; day 90 still lies in the first
        deductible case 1000 again 90; scope 50000; days 90           => deductible 1000
        deductible case 1000 again 90; scope 50000; days 91           => deductible 2000
        deductible case 1000 again 90; scope 50000; days 180          => deductible 2000
        deductible case 1000 again 90; scope 50000; days 181          => deductible 3000
        deductible case 1000 again 90; scope 50000; days 0            => deductible 1000
        # once a year, in as many cases as it takes, each kind of care its own
        deductible year 1500; scope 1000                                               => deductible 1000, pool 0
        deductible year 1500; scope 1000; used inpatient_deductible 1000               => deductible 500, pool 500
        deductible year 1500; scope 1000; used inpatient_deductible 1500               => deductible 0, pool 1000
        deductible year 1500; scope 1000; used inpatient_deductible 9000               => deductible 0, pool 1000
        deductible year 1500; scope 1000; used outpatient_deductible 1500              => deductible 1000, pool 0
        deductible year 500; scope 900; outpatient; used outpatient_deductible 350     => deductible 150, pool 750
        deductible year 500; scope 900; emergency_outpatient; used outpatient_deductible 350 => deductible 150
        deductible year 500; scope 900; chronic M03900; used chronic_deductible:M03900 450   => deductible 50
        deductible year 500; scope 900; chronic M03900; used chronic_deductible:M01600 450   => deductible 500
        # a share of the whole bill, between least and most, no more than is in scope
        deductible bill 20% 2000 10000; scope 5000; own 1000          => deductible 2000, pool 3000
        deductible bill 20% 2000 10000; scope 20000; own 10000        => deductible 6000, pool 14000
        deductible bill 20% 2000 10000; scope 80000                   => deductible 10000, pool 70000
        deductible bill 20% 2000 10000; scope 1500                    => deductible 1500, pool 0
        # 20% of 12,345.67 is 2,469.134: down; of 12,345.68 it is 2,469.136: up
        deductible bill 20% 2000 10000; scope 12345.67                => deductible 2469.13
        deductible bill 20% 2000 10000; scope 12345.68                => deductible 2469.14
        ",
    );
}

#[test]
fn segments_on_every_base() {
    check(
        "
        # the worked example: borders count the case, its deductible included
        deductible case 1300; rates case 30000:85% 40000:90% 95%; scope 50000   => pool 42895, rate 88.08%, cash 7105
        deductible case 1300; rates case 30000:91% 40000:94% 97%; scope 50000   => pool 45217, cash 4783
        deductible case 1300; rates case 30000:85% 40000:90% 95%; scope 50000; own 3000; over 500; upfront 4500 => cash 15105
        # borders after the deductible: 30,000 x 85% + 10,000 x 90% + 8,700 x 95%
        deductible case 1300; rates after 30000:85% 40000:90% 95%; scope 50000  => pool 42765
        # borders of the year, 18,000 before: 2,000 x 70% + 3,000 x 60%
        rates year 20000:70% 60%; scope 5000; outpatient; used outpatient_in_scope 18000 => pool 3200, rate 64%
        rates year 20000:70% 60%; scope 5000; outpatient; used outpatient_in_scope 15000 => pool 3500, rate 70%
        rates year 20000:70% 60%; scope 5000; outpatient; used outpatient_in_scope 20000 => pool 3000, rate 60%
        # the deductible comes first: 18,000 + 1,800 to 20,000 at 70%, then 3,000 at 60%
        deductible year 1800; rates year 20000:70% 60%; scope 5000; outpatient; used outpatient_in_scope 18000 => pool 1940
        # stays and visits count apart
        rates year 20000:70% 60%; scope 5000; used outpatient_in_scope 18000    => pool 3500
        # on a border, a fen below, a fen above
        rates case 100:50% 100%; scope 100                            => pool 50
        rates case 100:50% 100%; scope 100.01                         => pool 50.01
        # half a fen is paid by the fund, less is not: 0.01 x 50%, 0.01 x 49%
        rates case 50%; scope 0.01                                    => pool 0.01, cash 0
        rates case 49%; scope 0.01                                    => pool 0, cash 0.01
        # each segment is rounded by itself: 0.005 + 0.005 is 0.01 + 0.01
        rates case 0.01:50% 50%; scope 0.02                           => pool 0.02
        rates case 0%; scope 100                                      => pool 0, rate 0%, cash 100
        # no deductible may swallow a segment twice
        deductible case 40; rates case 30:50% 100%; scope 100         => pool 60
        ",
    );
}

#[test]
fn reductions_in_five_styles() {
    check(
        "
        # (a) points off every segment
        deductible case 500; rates case 70%; reduction points 10%; standing referral; scope 80000 => pool 47700, rate 60%
        rates case 100:85% 90%; reduction points 20%; standing other_temporary; scope 200         => pool 135
        rates case 5%; reduction points 10%; standing referral; scope 100                         => pool 0
        # (b) every rate times a factor
        rates case 85%; reduction times 80%; standing other_temporary; scope 1000                 => pool 680, rate 68%
        rates case 92.5%; reduction times 95%; standing referral; scope 10000                     => rate 87.88%, pool 8788
        # (c) an extra upfront share of the in-scope amount, then the local rule, perhaps of another level
        deductible case 900; rates case 80%; reduction upfront 10%; standing referral; scope 10000 => extra_upfront 1000, deductible 900, pool 6480, cash 3520
        reduction upfront 10% three_provincial; standing referral; scope 99.95                    => extra_upfront 10.00, pool 89.95
        # (d) one rate and a deductible of its own, in place of ladder and supplement
        deductible case 300; rates case 70%; supplement 10% 100%; reduction fixed 35% 1000; standing other_temporary; scope 11000 => deductible 1000, pool 3500
        reduction fixed 35% 1000; standing other_temporary; scope 800                             => deductible 800, pool 0
        # (e) a share of the bill as deductible, and one rate
        rates case 90%; reduction bill 20% 2000 10000 60%; standing referral; scope 30000; own 10000 => deductible 8000, pool 13200
        rates case 90%; reduction bill 20% 2000 10000 60%; standing referral; scope 5000          => deductible 2000, pool 1800
        rates case 90%; reduction bill 20% 2000 10000 60%; standing referral; scope 90000         => deductible 10000, pool 48000
        # home and long-term need no row; a temporary person does
        rates case 70%; standing home; scope 100                                                  => pool 70
        rates case 70%; standing long_term; scope 100                                             => pool 70
        rates case 70%; standing emergency; scope 100                                             => refused a value of `reduction`
        # back home on other terms: the row of a referral, or none
        rates case 70%; home_as referral; reduction points 10%; standing return_home; scope 100   => pool 60
        rates case 70%; home_as home; standing return_home; scope 100                             => pool 70
        rates case 70%; standing return_home; scope 100                                           => refused a value of `return_home`
        ",
    );
}

#[test]
fn supplements_by_age() {
    check(
        "
        rates case 85%; supplement 6% 100%; scope 1000                => pool 910, rate 91%
        rates case 95%; supplement 10% 100%; scope 1000               => pool 1000
        # the ceiling holds the sum and never lowers the segment's own rate
        rates case 97%; supplement 6% 95%; scope 1000                 => pool 970
        rates case 90%; supplement 6% 95%; scope 1000                 => pool 950
        # added first, reduced after: 95% + 10% is held at 100%, then 10 points less
        rates case 95%; supplement 10% 100%; reduction points 10%; standing referral; scope 1000 => pool 900
        rates case 85%; supplement 6% 100%; reduction times 80%; standing referral; scope 1000   => pool 728
        ",
    );
}

#[test]
fn the_cap_and_what_lies_beyond() {
    check(
        "
        rates case 85%; cap 100000; scope 1000; used inpatient_pool 99150             => pool 850, large 0
        rates case 85%; cap 100000; scope 1000; used inpatient_pool 99500             => pool 500, cash 500
        rates case 85%; cap 100000; scope 1000; used inpatient_pool 100000            => pool 0, cash 1000, rate 0%
        rates case 85%; cap 100000; scope 1000; used inpatient_pool 250000            => pool 0
        # the room of 10,000 covers 10,000 / 85% = 11,764.71; 88,235.29 lie beyond, x 80%
        rates case 85%; cap 650000; large 80%; scope 100000; used inpatient_pool 640000   => pool 10000, large 70588.23, cash 19411.77
        # two segments beyond: 29,350 - 11,764.71 + 30,000 = 47,585.29, x 85% = 40,447.4965
        deductible case 650; rates case 30000:85% 40000:90% 95%; cap 100000; large 85%; scope 60000; used inpatient_pool 90000 => pool 10000, large 40447.50, cash 9552.50
        # the large-amount fund has a cap of the year too
        rates case 90%; cap 300000; large 90% 200000; scope 50000; used inpatient_pool 295000; used large_amount 199000 => pool 5000, large 1000, cash 44000
        rates case 90%; cap 300000; large 90% 200000; scope 50000; used inpatient_pool 300000; used large_amount 200000 => pool 0, large 0, cash 50000
        # what counts against the cap: stays, visits, and the disease of the case
        rates case 50%; cap 1000; scope 2000; outpatient; used outpatient_pool 300; used inpatient_pool 200 => pool 500
        rates case 50%; cap 1000; scope 4000; chronic M03900; used chronic_pool:M03900 400     => pool 600
        rates case 50%; cap 1000; scope 4000; chronic M03900; used chronic_pool:M01600 400     => pool 1000
        ",
    );
}

#[test]
fn the_second_layer() {
    check(
        "
        # the worked examples of a resident, long-term and referred
        resident; deductible case 500; rates case 70%; second 10000 30000:60% 100000:70% 80%; scope 80000 => pool 55650, critical 8610, cash 15740
        resident; deductible case 500; rates case 60%; second 10000 30000:60% 100000:70% 80%; scope 80000 => pool 47700, critical 13610, cash 18690
        resident; deductible case 1200; rates case 55%; second 13000 50000:60% 75%; scope 54000; own 2900; over 1200; upfront 4300 => pool 29040, critical 7176, cash 26184
        resident; deductible case 1200; rates case 55%; reduction points 10%; standing referral; second 13000 50000:60% 75%; scope 54000; own 2900; over 1200; upfront 4300 => pool 23760, critical 10344, cash 28296
        # of employees it is paid with the large-amount fund
        rates case 80%; second 10000 80%; scope 103000                                => pool 82400, critical 0, large 8480
        # the start line counts over the year
        resident; rates case 0%; second 10000 60%; scope 9000                                    => critical 0
        resident; rates case 0%; second 10000 60%; scope 9000; used second_layer_base 4000       => critical 1800
        resident; rates case 0%; second 10000 60%; scope 9000; used second_layer_base 10000      => critical 5400
        # borders of the whole burden, or counted from the start line
        resident; rates case 0%; second 10000 30000:60% 70%; scope 40000                         => critical 19000
        resident; rates case 0%; second 10000 from_start 30000:60% 70%; scope 50000              => critical 25000
        # cap of the year
        resident; rates case 0%; second 10000 cap 5000 60%; scope 40000                          => critical 5000
        resident; rates case 0%; second 10000 cap 5000 60%; scope 40000; used second_layer 4900  => critical 100
        # in need: half the start line, five points more, no cap
        resident; in_need; leaning 50% 5% uncapped; rates case 0%; second 10000 cap 5000 30000:60% 70%; scope 40000 => critical 23750
        resident; in_need; leaning 50% 5%; rates case 0%; second 10000 cap 5000 60%; scope 40000 => critical 5000
        resident; leaning 50% 5% uncapped; rates case 0%; second 10000 60%; scope 40000          => critical 18000
        # in need with borders from the start line: 5,000 to 35,000 at 65%, 5,000 at 75%
        resident; in_need; leaning 50% 5%; rates case 0%; second 10000 from_start 30000:60% 70%; scope 40000 => critical 23250
        # the upfront share counts where the place says so, and may then be paid
        resident; rates case 0%; second 10000 with_upfront 60%; scope 9000; upfront 3000         => critical 1200
        resident; second 1000 with_upfront 60%; scope 9000; upfront 3000                         => pool 9000, critical 1200, cash 1800
        # a cut of the standing reaches this layer only where the place says so
        resident; reduction points 10%; standing referral; rates case 0%; second 10000 60%; scope 20000         => critical 6000
        resident; reduction points 10%; standing referral; rates case 0%; second 10000 reduced 60%; scope 20000 => critical 5000
        ",
    );
}

#[test]
fn civil_servants_and_assistance() {
    check(
        "
        rates case 88%; civil 50%; civil_servant; scope 10000; own 100           => pool 8800, civil 600, cash 700
        rates case 88%; civil 50%; scope 10000                                   => civil 0, cash 1200
        # the worked example: 70% of what critical illness leaves, without a start line
        resident; in_need; deductible case 500; rates case 60%; second 10000 30000:60% 100000:70% 80%; assistance 0 70%; scope 80000 => critical 13610, assistance 13083, cash 5607
        # the start line counts over the year, and there may be a cap
        resident; in_need; rates case 0%; assistance 3900 60%; scope 3000                               => assistance 0
        resident; in_need; rates case 0%; assistance 3900 60%; scope 3000; used assistance_base 3000    => assistance 1260
        resident; in_need; rates case 0%; assistance 0 70% 1000; scope 3000; used assistance 400        => assistance 600
        resident; rates case 0%; assistance 0 70%; scope 3000                                           => assistance 0
        # after the civil-servant supplement: 1,200 - 600 = 600, x 70%
        in_need; rates case 88%; civil 50%; civil_servant; assistance 0 70%; scope 10000                => civil 600, assistance 420, cash 180
        # own, upfront and over-ceiling amounts are nobody's but the person's
        resident; in_need; rates case 50%; assistance 0 100%; scope 100; own 10; upfront 20; over 30    => assistance 50, cash 60
        ",
    );
}

#[test]
fn the_account_pays_within_its_scope_then_the_family() {
    check(
        "
        rates case 75%; account in_scope upfront family; wallet 150 60; scope 800; upfront 40  => pool 600, account 150, family 60, cash 30
        rates case 75%; account in_scope upfront family; wallet 500 60; scope 800; upfront 40  => account 240, family 0, cash 0
        rates case 75%; account in_scope upfront; wallet 150 60; scope 800; upfront 40         => account 150, family 0, cash 90
        rates case 75%; account in_scope; wallet 500 0; scope 800; upfront 40; own 5; over 6   => account 200, cash 51
        rates case 75%; account upfront; wallet 500 0; scope 800; upfront 40; own 5; over 6    => account 40, cash 211
        rates case 75%; account own over_ceiling; wallet 500 0; scope 800; upfront 40; own 5; over 6 => account 11, cash 240
        # the extra upfront share of a reduction is an upfront share
        rates case 75%; reduction upfront 10%; standing referral; account upfront; wallet 500 0; scope 800; upfront 40 => account 120
        rates case 75%; account in_scope; wallet 500 60; wallet_unused; scope 800              => account 0, cash 200
        rates case 75%; wallet 500 60; scope 800                                               => account 0, cash 200
        ",
    );
}

#[test]
fn what_is_refused() {
    check(
        "
        scope 100000000.01                                    => refused `split.in_scope`
        scope 60000000; own 60000000                          => refused `split.total`
        scope 100; wallet 100000000001 0                      => refused `wallet.own`
        scope 100; wallet 0 100000000001                      => refused `wallet.family`
        scope 100; used inpatient_pool 100000000001           => refused `used.inpatient_pool`
        scope 100; begin 2026-03-12                           => refused before it begins
        scope 100; born 2026-03-12                            => refused born on 2026-03-12
        scope 100; class adult                                => refused class Adult
        resident; scope 100; class retired                    => refused class Retired
        scope 100; begin 2023-12-01; end 2023-12-31           => refused the first known day is 2024-01-01
        ",
    );
}

#[test]
fn amounts_below_zero_are_refused_by_name() {
    let mut desk = Desk::of("scope 100");
    desk.claim.split.upfront = crate::money::Fen(-1);
    let refusal = desk.answer().expect_err("below zero");
    assert!(refusal.to_string().contains("`split.upfront` is below zero (-1 fen)"), "{refusal}");
}
