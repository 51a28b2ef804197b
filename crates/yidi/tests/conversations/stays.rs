//! 住院: a stay from admission to settlement and back, in another province and at home.

use super::care::{self, COURSE, NURSING, OWN};
use super::network::{fen, network};
use serde_json::json;

#[test]
fn a_stay_in_another_province_is_settled_and_taken_back_to_the_fen() {
    let network = network();
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    desk.call("1101", care::who(&desk));
    let charges = [COURSE, OWN, NURSING];
    let visit = care::inpatient(&desk, &charges);
    let quoted = desk.call("2303", care::bill(&desk, &visit, None, &charges));
    let settled = desk.call("2304", care::bill(&desk, &visit, None, &charges));
    let info = &settled["setlinfo"];
    // 12,930 = 800 own + 12,130 in scope; (12,130 - 1,200) x 45 % = 4,918.50.
    assert_eq!(fen(&info["medfee_sumamt"]), 12_930_00);
    assert_eq!(fen(&info["hifp_pay"]), 4_918_50);
    assert_eq!(fen(&info["psn_cash_pay"]), 8_011_50);
    for field in ["fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay", "act_pay_dedc"] {
        assert_eq!(quoted["setlinfo"][field], info[field], "{field}");
    }
    let setl_id = info["setl_id"].as_str().expect("a settlement").to_owned();
    let shown = desk.call("5203", care::settlement(&desk, &visit, &setl_id));
    assert_eq!(shown["setlinfo"]["fund_pay_sumamt"], info["fund_pay_sumamt"]);
    network.books_are_even();
    assert_eq!(network.balance("due_from_pool/220100"), 4_918_50);

    let back = desk.call("2305", care::settlement(&desk, &visit, &setl_id));
    assert_eq!(fen(&back["setlinfo"]["medfee_sumamt"]), -12_930_00);
    assert_eq!(fen(&back["setlinfo"]["hifp_pay"]), -4_918_50);
    assert_ne!(back["setlinfo"]["setl_id"], json!(setl_id));
    network.books_are_even();
    assert_eq!(network.balance("due_from_pool/220100"), 0);
    assert_eq!(network.balance("fund_expense/220100"), 0);

    let again = desk.call("2304", care::bill(&desk, &visit, None, &charges));
    assert_eq!(
        again["setlinfo"]["hifp_pay"], info["hifp_pay"],
        "cancel and settle again gives the first amounts"
    );
}
