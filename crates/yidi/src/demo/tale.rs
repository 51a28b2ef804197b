//! What is told of one settlement: who, where, each step, the bill by layers, and the books of every office.

use insurance::adjudication::{Bilingual, Step};
use serde::{Deserialize, Serialize};

/// The whole story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// When it was told, in official time.
    pub told: String,
    /// Its settlements, in the order in which they were made.
    pub tales: Vec<Tale>,
}

/// One settlement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tale {
    /// Its title.
    pub title: Bilingual,
    /// The scenario file that it plays, below `scenarios/`.
    pub scenario: String,
    /// 参保人
    pub person: Patient,
    /// 就医机构
    pub hospital: Hospital,
    /// 就诊ID
    pub mdtrt_id: String,
    /// 结算ID
    pub setl_id: String,
    /// Each transaction, in order.
    pub steps: Vec<Transaction>,
    /// Who decided what.
    pub decisions: Vec<Decision>,
    /// The fee lines, split by the treatment place.
    pub lines: Vec<Line>,
    /// The bill by layers; their sum is the fee.
    pub layers: Vec<Layer>,
    /// 医疗费总额, in fen.
    pub total_fen: i64,
    /// Why: every step of the calculation.
    pub explanation: Vec<Step>,
    /// The entries of this settlement in the books of each office.
    pub books: Vec<Book>,
    /// Whether every amount that the scenario names came out to the fen.
    pub as_expected: bool,
}

/// The person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patient {
    /// 姓名 (made up)
    pub name: String,
    /// 人员编号
    pub psn_no: String,
    /// Where insured.
    pub insured_place: Bilingual,
    /// `insuplc_admdvs`
    pub insuplc_admdvs: String,
}

/// The institution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hospital {
    /// 名称 (made up)
    pub name: String,
    /// `fixmedins_code`
    pub fixmedins_code: String,
    /// Where it stands.
    pub place: Bilingual,
}

/// One transaction of the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transaction {
    /// Its number.
    pub infno: String,
    /// Its name.
    pub name: Bilingual,
    /// How long the answer took, in milliseconds.
    pub took_ms: i64,
    /// A remark of the platform.
    pub warning: Option<String>,
}

/// Who decided what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The office.
    pub office: Bilingual,
    /// What it decided.
    pub what: Bilingual,
}

/// One fee line, in fen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// 项目名称
    pub name: String,
    /// Its class: 甲, 乙, 丙.
    pub class: String,
    /// 总额
    pub total_fen: i64,
    /// 全自费
    pub own_fen: i64,
    /// 超限价
    pub over_ceiling_fen: i64,
    /// 先行自付
    pub upfront_fen: i64,
    /// 符合政策范围
    pub in_scope_fen: i64,
}

/// One layer of the bill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The field of the settlement answer that carries it.
    pub field: String,
    /// Its name.
    pub name: Bilingual,
    /// Whether a fund pays it (else the person).
    pub fund: bool,
    /// In fen.
    pub amount_fen: i64,
}

/// The entries of one office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// The office.
    pub office: Bilingual,
    /// Account and amount in fen: debits above zero, credits below.
    pub entries: Vec<(String, i64)>,
    /// Their sum: zero.
    pub sum_fen: i64,
}
