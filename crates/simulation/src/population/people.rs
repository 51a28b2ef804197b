//! Who lives in a pool: the same list in each, so that a tester finds every case at every counter.
//! The order is kept: person numbers count along it, and new people are added at the end.

use super::draft::{Board, Draft};
use insurance::accumulators::Measure;
use insurance::filing::{Evidence, FilingCategory};
use insurance::identity::Region;
use insurance::money::Fen;
use insurance::person::{Insurance, Needy, PersonClass};
use platform::registry::EnrolmentStatus;

use FilingCategory::{
    Emergency, LongTermResident, OtherTemporary, PermanentWorker, Referral, ResettledRetired,
};
use PersonClass::{Active, Adult, Minor, Retired, Senior};

/// The number within its pool of the story's adult resident with a referral.
pub const STORY_RESIDENT: usize = 35;
/// The number within its pool of the story's active employee with a long-term filing and a rich account.
pub const STORY_WORKER: usize = 36;

/// Nanjing: a place where no demo hospital stands.
const WRONG_PLACE: &str = "320100";

/// Everybody of one pool.
pub fn people(board: &mut Board) -> Vec<Draft> {
    let mut people = employees(board);
    people.extend(filing_cases(board));
    people.extend(residents(board));
    people.extend(story(board));
    people.extend(near_caps(board));
    people
}

/// People whom the demo treats before anybody else comes: they carry the tag `story`, so that testers leave them be.
fn story(board: &mut Board) -> Vec<Draft> {
    let to = board.place.elsewhere();
    vec![
        board.draw(Adult, 45).filed(Referral, to[0]).tag("story"),
        board.draw(Active, 36).filed(PermanentWorker, to[1]).wallet(8_600, 0).tag("story"),
    ]
}

fn employees(board: &mut Board) -> Vec<Draft> {
    let to = board.place.elsewhere();
    vec![
        board.draw(Active, 41),
        board.draw(Active, 36).filed(PermanentWorker, to[1]).wallet(8_600, 0),
        board
            .draw(Active, 47)
            .filed_between(LongTermResident, to[0], -200, Some(520), Evidence::Commitment)
            .wallet(60, 0)
            .tag("filing_commitment"),
        board.draw(Active, 52).filed(Referral, to[0]).wallet(0, 0),
        board.draw(Active, 29).filed(Emergency, to[2]),
        board.draw(Active, 33).filed(OtherTemporary, to[3]),
        board.draw(Retired, 66).filed(ResettledRetired, to[4]).wallet(12_000, 3_000),
        board.draw(Retired, 88).retired_on(1998, 6).filed(ResettledRetired, to[0]).tag("retired_before_2001"),
        board
            .draw(Retired, 71)
            .filed(LongTermResident, to[1])
            .chronic("M03900", "高血压")
            .chronic("M01600", "糖尿病"),
        board.draw(Active, 55).filed(Referral, to[0]).chronic("M00500", "恶性肿瘤门诊治疗"),
        board.draw(Retired, 63).filed(ResettledRetired, to[5]).chronic("M07801", "尿毒症透析"),
        board.draw(Active, 38).flexible().filed(PermanentWorker, to[2]),
        board.draw(Active, 44).civil_servant().filed(OtherTemporary, to[0]),
        board.draw(Retired, 68).civil_servant().filed(ResettledRetired, to[6]),
        board.draw(Retired, 74),
    ]
}

/// What may stand between a person and the counter.
fn filing_cases(board: &mut Board) -> Vec<Draft> {
    let to = board.place.elsewhere();
    let wrong_place = Region::new(WRONG_PLACE).expect("a region");
    let documents = Evidence::Documents;
    vec![
        board.draw(Active, 40).filed(PermanentWorker, to[0]).status(EnrolmentStatus::Suspended, 40),
        board.draw(Active, 50).filed(LongTermResident, to[0]).status(EnrolmentStatus::Ended, 90),
        board.draw(Active, 27).filed(OtherTemporary, to[0]).insured_since_last_month(),
        board.draw(Retired, 67).filed_between(ResettledRetired, to[0], -760, Some(-30), documents),
        board.draw(Active, 35).filed_between(PermanentWorker, to[0], 20, None, documents),
        board.draw(Active, 43).filed(LongTermResident, to[0]).cancelled(),
        board.draw(Active, 46).filed(LongTermResident, wrong_place).tag("filing_elsewhere"),
        board
            .draw(Retired, 70)
            .filed_between(OtherTemporary, to[2], -700, Some(-520), Evidence::None)
            .filed(LongTermResident, to[1])
            .filed(Referral, to[0])
            .chronic("M04600", "冠心病"),
    ]
}

fn residents(board: &mut Board) -> Vec<Draft> {
    let to = board.place.elsewhere();
    vec![
        board.draw(Adult, 39),
        board.draw(Senior, 72).filed(LongTermResident, to[1]).chronic("M05300", "慢性阻塞性肺疾病"),
        board.draw(Minor, 9).born_days_ago(3_400).filed(Referral, to[0]),
        board.draw(Adult, 45).filed(Referral, to[0]),
        board.draw(Minor, 20).person_type("1404").filed(OtherTemporary, to[2]).tag("student"),
        board
            .draw(Minor, 0)
            .born_days_ago(20)
            .person_type("1401")
            .filed_between(Referral, to[0], -5, Some(175), Evidence::ReferralCertificate)
            .tag("newborn"),
        board.draw(Senior, 69).needy(Needy::ExtremePoverty).filed(Referral, to[0]),
        board.draw(Adult, 48).needy(Needy::LowIncome).filed(Referral, to[0]),
        board.draw(Adult, 51).needy(Needy::BackInPoverty).filed(OtherTemporary, to[0]),
        board.draw(Adult, 34).needy(Needy::NearLowIncome).filed(Emergency, to[0]),
        board.draw(Adult, 57).filed(LongTermResident, to[3]).chronic("M07801", "尿毒症透析"),
    ]
}

/// People who have used nearly all that a cap leaves: 500 yuan are left, 200 where the cap is an outpatient one.
fn near_caps(board: &mut Board) -> Vec<Draft> {
    let (place, to) = (board.place, board.place.elsewhere());
    let nearly = |cap: Fen| cap - Fen::yuan(500);
    let pool = |insurance| {
        let paid = nearly(place.pool_cap(insurance));
        [
            (Measure::InpatientPool, paid),
            (Measure::InpatientInScope, paid + Fen::yuan(60_000)),
            (Measure::InpatientDeductible, Fen::yuan(3_000)),
        ]
    };
    let (full, large_paid) = (place.pool_cap(Insurance::Employee), nearly(Fen::yuan(place.large_amount_cap)));
    let large_amount = [
        (Measure::InpatientPool, full),
        (Measure::LargeAmount, large_paid),
        (Measure::InpatientInScope, full + large_paid + Fen::yuan(120_000)),
        (Measure::InpatientDeductible, Fen::yuan(3_000)),
    ];
    let outpatient_paid = Fen::yuan(place.outpatient_cap - 200);
    let outpatient = [
        (Measure::OutpatientPool, outpatient_paid),
        (Measure::OutpatientInScope, outpatient_paid + Fen::yuan(4_000)),
        (Measure::OutpatientDeductible, Fen::yuan(1_800)),
    ];
    let second_paid = nearly(Fen::yuan(place.second_layer_cap));
    let second = [
        (Measure::InpatientPool, Fen::yuan(90_000)),
        (Measure::InpatientInScope, second_paid + Fen::yuan(300_000)),
        (Measure::InpatientDeductible, Fen::yuan(2_400)),
        (Measure::SecondLayerBase, second_paid + Fen::yuan(160_000)),
        (Measure::SecondLayer, second_paid),
    ];
    let mut people = vec![
        board
            .draw(Active, 49)
            .filed(Referral, to[0])
            .used(place, &pool(Insurance::Employee))
            .tag("near_pool_cap"),
        board
            .draw(Adult, 53)
            .filed(Referral, to[0])
            .used(place, &pool(Insurance::Resident))
            .tag("near_pool_cap"),
        board
            .draw(Retired, 65)
            .filed(LongTermResident, to[1])
            .used(place, &outpatient)
            .tag("near_outpatient_cap"),
        board.draw(Adult, 46).filed(Referral, to[0]).used(place, &second).tag("near_second_layer_cap"),
    ];
    if place.large_amount_cap > 0 {
        let drawn = board.draw(Active, 54).filed(Referral, to[0]);
        people.push(drawn.used(place, &large_amount).tag("near_large_amount_cap"));
    }
    people
}
