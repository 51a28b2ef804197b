//! Common diagnoses, operations and chronic diseases, as `catalogues/diseases.toml` lists them.

use crate::files;
use insurance::calendar::ServiceDate;
use insurance::identity::DiseaseCode;
use serde::Deserialize;

/// A code with its names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    /// ICD-10 for a diagnosis, ICD-9-CM-3 for an operation, `M` and five digits for a chronic disease.
    pub code: DiseaseCode,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// For chronic diseases: the first day on which the disease settles across provinces, where it does.
    #[serde(default)]
    pub cross_province_since: Option<ServiceDate>,
}

/// The three lists.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diseases {
    /// 诊断
    pub diagnosis: Vec<Coded>,
    /// 手术操作
    pub operation: Vec<Coded>,
    /// 门诊慢特病
    pub chronic: Vec<Coded>,
}

impl Diseases {
    /// The chronic disease with this code, or the one of its category (`M` and three digits): provinces use
    /// different details of one category.
    pub fn chronic_of(&self, code: &DiseaseCode) -> Option<&Coded> {
        let exact = self.chronic.iter().find(|disease| disease.code == *code);
        let category = code.as_str().get(..4)?;
        exact.or_else(|| self.chronic.iter().find(|disease| disease.code.as_str().starts_with(category)))
    }
}

/// Reads the lists.
pub fn diseases() -> Diseases {
    files::toml("diseases.toml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ten_diseases_settle_across_provinces_and_every_code_stands_once() {
        let lists = diseases();
        assert!(lists.diagnosis.len() >= 120 && lists.operation.len() >= 40);
        assert_eq!(lists.chronic.iter().filter(|disease| disease.cross_province_since.is_some()).count(), 10);
        for list in [&lists.diagnosis, &lists.operation, &lists.chronic] {
            let codes: BTreeSet<&DiseaseCode> = list.iter().map(|coded| &coded.code).collect();
            assert_eq!(codes.len(), list.len());
        }
        let dialysis = DiseaseCode::new("M07899").expect("a code");
        assert_eq!(lists.chronic_of(&dialysis).map(|found| found.code.as_str()), Some("M07801"));
    }
}
