//! What is brought to the counter of the insured place for one settlement: no names, no hospital software.

use crate::calendar::ServiceDate;
pub use crate::catalogue::HospitalLevel;
use crate::catalogue::Split;
use crate::filing::Standing;
use crate::identity::{DiseaseCode, Region};

/// What kind of care is settled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Service {
    /// 住院 (21, 24 and their kind)
    Inpatient,
    /// 普通门诊 (11, 12)
    Outpatient,
    /// 急诊 (13)
    EmergencyOutpatient,
    /// 门诊慢特病 (14), for one disease
    Chronic(DiseaseCode),
}

/// Where the care was given, as the insured place sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CarePlace {
    /// The institution's region.
    pub region: Region,
    /// Its level by the treatment place; the policy maps it into its own table.
    pub level: HospitalLevel,
}

/// One settlement to adjudicate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Claim {
    /// Kind of care.
    pub service: Service,
    /// First day of the stay, or the day of the visit.
    pub begin: ServiceDate,
    /// Last day: discharge, or the day of the visit. The policy of this day applies (a stay across the year
    /// end is one bill with the day of discharge).
    pub end: ServiceDate,
    /// Where.
    pub place: CarePlace,
    /// On which terms.
    pub standing: Standing,
    /// The bill, split by the treatment place's catalogue.
    pub split: Split,
    /// 个人账户使用标志: whether the personal account may pay.
    pub account_used: bool,
}
