//! One item of the national catalogue: what it is, how it is sold, and the flags that rules ask about.

use super::Limit;
use crate::calendar::ServiceDate;
use crate::identity::ItemCode;
use crate::money::UnitPrice;

/// 目录类别 (`list_type`)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ListType {
    /// 101 西药中成药
    Drug,
    /// 102 中药饮片
    HerbalPiece,
    /// 103 自制剂
    Preparation,
    /// 104 民族药
    EthnicMedicine,
    /// 106 中药配方颗粒
    Granule,
    /// 201 医疗服务项目
    Service,
    /// 301 医用材料
    Consumable,
}

impl ListType {
    /// All, in the order of their codes.
    pub const ALL: [ListType; 7] = [
        ListType::Drug,
        ListType::HerbalPiece,
        ListType::Preparation,
        ListType::EthnicMedicine,
        ListType::Granule,
        ListType::Service,
        ListType::Consumable,
    ];

    /// The wire code.
    pub fn code(self) -> &'static str {
        match self {
            ListType::Drug => "101",
            ListType::HerbalPiece => "102",
            ListType::Preparation => "103",
            ListType::EthnicMedicine => "104",
            ListType::Granule => "106",
            ListType::Service => "201",
            ListType::Consumable => "301",
        }
    }

    /// The list type with this wire code.
    pub fn of_code(code: &str) -> Option<ListType> {
        ListType::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

macro_rules! charge_categories {
    ($($name:ident $code:literal $zh:literal $en:literal;)*) => {
        /// 医疗收费项目类别 (`med_chrgitm_type`): the fourteen headings of a bill.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        pub enum ChargeCategory {
            $(#[doc = concat!($code, " ", $zh)] $name,)*
        }

        impl ChargeCategory {
            /// All fourteen, in the order of their codes.
            pub const ALL: [ChargeCategory; 14] = [$(ChargeCategory::$name),*];

            /// The wire code, `01` to `14`.
            pub fn code(self) -> &'static str {
                match self { $(ChargeCategory::$name => $code),* }
            }
            /// Chinese name.
            pub fn zh(self) -> &'static str {
                match self { $(ChargeCategory::$name => $zh),* }
            }
            /// English name.
            pub fn en(self) -> &'static str {
                match self { $(ChargeCategory::$name => $en),* }
            }
        }
    };
}

charge_categories! {
    Bed "01" "床位费" "bed";
    Consultation "02" "诊察费" "consultation";
    Examination "03" "检查费" "examination";
    Laboratory "04" "化验费" "laboratory";
    Treatment "05" "治疗费" "treatment";
    Surgery "06" "手术费" "surgery";
    Nursing "07" "护理费" "nursing";
    Materials "08" "卫生材料费" "materials";
    WesternDrugs "09" "西药费" "western drugs";
    HerbalPieces "10" "中药饮片费" "herbal pieces";
    PatentDrugs "11" "中成药费" "Chinese patent drugs";
    GeneralCare "12" "一般诊疗费" "general diagnosis and treatment";
    Registration "13" "挂号费" "registration";
    Other "14" "其他费" "other";
}

impl ChargeCategory {
    /// The category with this wire code.
    pub fn of_code(code: &str) -> Option<ChargeCategory> {
        ChargeCategory::ALL.into_iter().find(|category| category.code() == code)
    }
}

/// 目录条目: one drug, piece, service or consumable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Item {
    /// 医疗目录编码
    pub code: ItemCode,
    /// 名称
    pub name: String,
    /// 目录类别
    pub kind: ListType,
    /// The heading of the bill it stands under.
    pub category: ChargeCategory,
    /// 计价单位: 盒, 次, 日, 克 ...
    pub unit: String,
    /// 规格; empty for services.
    pub specification: String,
    /// 剂型; empty for what is no drug.
    pub dosage_form: String,
    /// 生产企业; empty for services.
    pub maker: String,
    /// Reference price of one unit. Hospitals may charge more or less.
    pub reference_price: UnitPrice,
    /// 医保支付标准: one price for the whole country (谈判药品, 集采药品), where there is one.
    pub national_standard: Option<UnitPrice>,
    /// 国家基本药物
    pub basic: bool,
    /// 谈判药品
    pub negotiated: bool,
    /// 儿童用药
    pub children: bool,
    /// A number from 0 to 9 by which provincial rules tell items of one kind apart (class B shares differ
    /// within a kind). This network's own: the real lists name every item.
    pub group: u8,
    /// Limits of the national payment scope.
    pub limits: Vec<Limit>,
    /// First day of the row.
    pub from: ServiceDate,
    /// Last day of the row, where there is one.
    pub until: Option<ServiceDate>,
}

impl Item {
    /// Whether the row applies on the day of the fee.
    pub fn in_force_on(&self, day: ServiceDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}
