//! 档案: what the treatment node keeps of a visit, its fee lines and its settlements.

use crate::letters::{PersonSheet, SettledSheet};
use insurance::calendar::Instant;
use insurance::catalogue::{ItemClass, Limit, Split};
use insurance::identity::{DiseaseCode, FeeLineNo, InstitutionCode, ItemCode, Region, SettlementId, VisitId};
use insurance::money::{Fen, Quantity, Rate, UnitPrice};
use insurance::settlement::State;
use insurance::statement::Amounts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a hospital wrote in fields that nobody decides by: kept to be shown again by queries. Wire name to text.
pub type Written = BTreeMap<String, String>;

/// Outpatient visit or inpatient stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// 门诊
    Outpatient,
    /// 住院
    Inpatient,
}

impl VisitKind {
    /// The word that the store keeps.
    pub fn code(self) -> &'static str {
        match self {
            VisitKind::Outpatient => "outpatient",
            VisitKind::Inpatient => "inpatient",
        }
    }
}

/// Where a visit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// Registered, or in hospital.
    Open,
    /// Discharged.
    Discharged,
    /// The registration was cancelled, or never came to be.
    Cancelled,
}

impl VisitState {
    /// The word that the store keeps.
    pub fn code(self) -> &'static str {
        match self {
            VisitState::Open => "open",
            VisitState::Discharged => "discharged",
            VisitState::Cancelled => "cancelled",
        }
    }
}

/// One visit or stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// 就诊ID
    pub id: VisitId,
    /// Outpatient or inpatient.
    pub kind: VisitKind,
    /// Where it stands.
    pub state: VisitState,
    /// Where.
    pub institution: InstitutionCode,
    /// The person, as the insured place told at registration.
    pub person: PersonSheet,
    /// 医疗类别
    pub med_type: String,
    /// 开始时间
    pub begin: Instant,
    /// 结束时间
    pub end: Option<Instant>,
    /// Chronic disease or other disease code that decides.
    pub disease: Option<DiseaseCode>,
    /// 急诊
    pub emergency: bool,
    /// 外伤标志
    pub injury: bool,
    /// 涉及第三方标志
    pub third_party: bool,
    /// Counts up with each change of a stay's days.
    pub version: i64,
    /// The rest of what was written.
    pub written: Written,
    /// Diagnoses as written.
    pub diagnoses: Vec<Written>,
}

impl Visit {
    /// Where insured.
    pub fn pool(&self) -> Region {
        self.person.pool
    }
}

/// One fee line with its split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeeLine {
    /// 费用明细流水号
    pub line: FeeLineNo,
    /// 收费批次号 (outpatient)
    pub batch: Option<String>,
    /// 费用发生时间
    pub at: Instant,
    /// 医疗目录编码
    pub item: ItemCode,
    /// 单价
    pub price: UnitPrice,
    /// 数量
    pub quantity: Quantity,
    /// 明细项目费用总额
    pub total: Fen,
    /// How the treatment place's catalogue splits it.
    pub split: Split,
    /// 收费项目等级
    pub class: ItemClass,
    /// 先行自付比例
    pub upfront: Rate,
    /// 限价
    pub ceiling: Option<UnitPrice>,
    /// A limit that was not met.
    pub not_payable: Option<Limit>,
    /// 原费用流水号: the charge that this line refunds.
    pub refunds: Option<FeeLineNo>,
    /// The settlement that holds it.
    pub settlement: Option<SettlementId>,
    /// The rest of what was written.
    pub written: Written,
}

/// A settlement, or the record that takes one back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettlementRecord {
    /// 结算ID
    pub id: SettlementId,
    /// 就诊ID
    pub visit: VisitId,
    /// The transaction that made it.
    pub infno: String,
    /// Its message number, echoed as `medins_setl_id`.
    pub msgid: String,
    /// Where.
    pub institution: InstitutionCode,
    /// Where it stands.
    pub state: State,
    /// 收费批次号 (outpatient)
    pub batch: Option<String>,
    /// When it was asked.
    pub asked: Instant,
    /// When it was booked.
    pub settled: Option<Instant>,
    /// What was booked.
    pub sheet: Option<SettledSheet>,
    /// For a record that takes back: which.
    pub takes_back: Option<SettlementId>,
    /// For a settlement that was taken back: by which record.
    pub taken_back_by: Option<SettlementId>,
    /// The rest of what was written, as 就诊凭证类型, 发票号.
    pub written: Written,
}

impl SettlementRecord {
    /// What was booked, below zero for a record that takes back; none where nothing was.
    pub fn amounts(&self) -> Option<Amounts> {
        let adjudication = &self.sheet.as_ref()?.adjudication;
        let shares = &adjudication.shares;
        let signed = |amount: Fen| if self.takes_back.is_some() { -amount } else { amount };
        Some(Amounts {
            fee: signed(adjudication.split.total()),
            fund: signed(shares.fund()),
            account: signed(shares.account),
            cash: signed(shares.cash),
        })
    }
}

/// A file of an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// 文件查询号
    pub number: String,
    /// Whose.
    pub institution: InstitutionCode,
    /// 文件名
    pub name: String,
    /// The transaction that brought or made it.
    pub made_by: String,
    /// Since when.
    pub kept: Instant,
    /// 截止时间: from this instant on nobody gets it any more.
    pub expires: Instant,
    /// Its bytes.
    pub content: Vec<u8>,
}
