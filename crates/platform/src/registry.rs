//! 登记簿: institutions, insured people and their qualifications, as the nodes keep them.
//! Nothing here decides; these are the facts that offices look up.

use insurance::accumulators::Accumulators;
use insurance::calendar::{PolicyYear, ServiceDate};
use insurance::claim::HospitalLevel;
use insurance::filing::Filing;
use insurance::identity::{DiseaseCode, InstitutionCode, PersonNo, Region};
use insurance::person::{Insurance, Needy, Person, Wallet};
use serde::{Deserialize, Serialize};

/// What kind of institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionKind {
    /// 医院
    Hospital,
    /// 社区卫生服务机构
    Community,
    /// 定点零售药店
    Pharmacy,
}

/// 定点医药机构
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// `H` or `P`, region, serial.
    pub code: InstitutionCode,
    /// Name.
    pub name: String,
    /// Its region (`admdvs`).
    pub region: Region,
    /// Hospital, community centre, pharmacy.
    pub kind: InstitutionKind,
    /// 医院等级 as on the wire: `01` to `11`.
    pub grade: String,
    /// Whether the province runs it.
    pub provincial: bool,
    /// 统一社会信用代码
    pub credit_code: String,
    /// Whether its agreement is suspended: nothing new is settled there.
    pub suspended: bool,
}

impl Institution {
    /// Its level for benefit: community centres by kind, else by grade (01-04 three, 05-07 two, below one).
    pub fn level(&self) -> HospitalLevel {
        match (self.kind, self.grade.as_str()) {
            (InstitutionKind::Community, _) => HospitalLevel::Community,
            (_, "01" | "02" | "03" | "04") if self.provincial => HospitalLevel::ThreeProvincial,
            (_, "01" | "02" | "03" | "04") => HospitalLevel::Three,
            (_, "05" | "06" | "07") => HospitalLevel::Two,
            _ => HospitalLevel::One,
        }
    }
}

/// 人员参保状态 (`psn_insu_stas`)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentStatus {
    /// 1 正常参保
    Normal,
    /// 2 暂停参保
    Suspended,
    /// 4 终止参保
    Ended,
}

/// 门诊慢特病资格
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChronicQualification {
    /// `M` and five digits.
    pub disease: DiseaseCode,
    /// Its name.
    pub name: String,
    /// First day.
    pub from: ServiceDate,
    /// Last day, where there is one.
    pub until: Option<ServiceDate>,
}

/// 参保人: one insurance relation of one person in one pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsuredPerson {
    /// 人员编号
    pub person_no: PersonNo,
    /// The pool (`insuplc_admdvs`).
    pub pool: Region,
    /// 姓名
    pub name: String,
    /// 人员证件类型, `01` for the identity card.
    pub certificate_type: String,
    /// 证件号码
    pub certificate_no: String,
    /// 社会保障卡号
    pub card_no: String,
    /// 卡识别码
    pub card_sn: String,
    /// 医保电子凭证 token: in the sandbox it does not expire.
    pub voucher_token: String,
    /// 性别: `1` male, `2` female.
    pub gender: String,
    /// 民族: `01` Han.
    pub ethnic_group: String,
    /// What decides benefit.
    pub facts: Person,
    /// 人员类别 (`psn_type`), four digits as `1101`.
    pub person_type: String,
    /// Status.
    pub status: EnrolmentStatus,
    /// Insured since.
    pub insured_since: ServiceDate,
    /// Suspended or ended since.
    pub suspended_on: Option<ServiceDate>,
    /// 单位名称
    pub employer: Option<String>,
    /// From when the class of need counts.
    pub needy_since: Option<ServiceDate>,
    /// Accounts.
    pub wallet: Wallet,
    /// Chronic qualifications.
    pub chronic: Vec<ChronicQualification>,
    /// Filings.
    pub filings: Vec<Filing>,
    /// What is used before the story begins.
    pub used: Vec<(PolicyYear, Accumulators)>,
    /// What a tester would look for: `employee`, `retired`, `referral`, `unfiled`, `suspended` ...
    pub tags: Vec<String>,
}

impl InsuredPerson {
    /// 险种类型 (`insutype`)
    pub fn insurance(&self) -> Insurance {
        self.facts.insurance
    }

    /// The class of need on this day.
    pub fn needy_on(&self, day: ServiceDate) -> Option<Needy> {
        self.facts.needy.filter(|_| self.needy_since.is_none_or(|since| since <= day))
    }
}
