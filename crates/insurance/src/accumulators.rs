//! What a person has used in one policy year, held by the insured place alone.
//! A settlement adds a delta; its reversal takes exactly the same delta back.

use crate::identity::DiseaseCode;
use crate::money::Fen;
use std::collections::BTreeMap;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", try_from = "String", into = "String"))]
pub enum Measure {
    /// Stays settled this year, at home and elsewhere (a count).
    Admissions,
    /// Inpatient deductible used (fen).
    InpatientDeductible,
    /// In-scope amount of stays (fen).
    InpatientInScope,
    /// Paid by the pool for stays (fen).
    InpatientPool,
    /// Outpatient deductible used (fen).
    OutpatientDeductible,
    /// In-scope amount of outpatient visits (fen).
    OutpatientInScope,
    /// Paid by the pool for outpatient visits (fen).
    OutpatientPool,
    /// Deductible used for one chronic disease (fen).
    ChronicDeductible(DiseaseCode),
    /// Paid by the pool for one chronic disease (fen).
    ChronicPool(DiseaseCode),
    /// Paid by the large-amount layer above the pool cap (fen).
    LargeAmount,
    /// In-scope personal burden that counts towards the second layer's start line (fen).
    SecondLayerBase,
    /// Paid by the second layer: critical illness of residents, second reimbursement of employees (fen).
    SecondLayer,
    /// Paid by the civil-servant supplement (fen).
    CivilServant,
    /// In-scope personal burden that counts towards the start line of medical assistance (fen).
    AssistanceBase,
    /// Paid by medical assistance (fen).
    Assistance,
}

impl Measure {
    /// A short stable code, for stores and messages.
    pub fn code(&self) -> String {
        match self {
            Measure::Admissions => "admissions".into(),
            Measure::InpatientDeductible => "inpatient_deductible".into(),
            Measure::InpatientInScope => "inpatient_in_scope".into(),
            Measure::InpatientPool => "inpatient_pool".into(),
            Measure::OutpatientDeductible => "outpatient_deductible".into(),
            Measure::OutpatientInScope => "outpatient_in_scope".into(),
            Measure::OutpatientPool => "outpatient_pool".into(),
            Measure::ChronicDeductible(disease) => format!("chronic_deductible:{disease}"),
            Measure::ChronicPool(disease) => format!("chronic_pool:{disease}"),
            Measure::LargeAmount => "large_amount".into(),
            Measure::SecondLayerBase => "second_layer_base".into(),
            Measure::SecondLayer => "second_layer".into(),
            Measure::CivilServant => "civil_servant".into(),
            Measure::AssistanceBase => "assistance_base".into(),
            Measure::Assistance => "assistance".into(),
        }
    }

    /// The measure with this code.
    pub fn of_code(code: &str) -> Option<Measure> {
        let disease = |text: &str| DiseaseCode::new(text).ok();
        Some(match code {
            "admissions" => Measure::Admissions,
            "inpatient_deductible" => Measure::InpatientDeductible,
            "inpatient_in_scope" => Measure::InpatientInScope,
            "inpatient_pool" => Measure::InpatientPool,
            "outpatient_deductible" => Measure::OutpatientDeductible,
            "outpatient_in_scope" => Measure::OutpatientInScope,
            "outpatient_pool" => Measure::OutpatientPool,
            "large_amount" => Measure::LargeAmount,
            "second_layer_base" => Measure::SecondLayerBase,
            "second_layer" => Measure::SecondLayer,
            "civil_servant" => Measure::CivilServant,
            "assistance_base" => Measure::AssistanceBase,
            "assistance" => Measure::Assistance,
            _ => match code.split_once(':')? {
                ("chronic_deductible", text) => Measure::ChronicDeductible(disease(text)?),
                ("chronic_pool", text) => Measure::ChronicPool(disease(text)?),
                _ => return None,
            },
        })
    }
}

impl TryFrom<String> for Measure {
    type Error = String;
    fn try_from(code: String) -> Result<Self, String> {
        Measure::of_code(&code).ok_or_else(|| format!("failed to read {code:?} as an accumulator"))
    }
}
impl From<Measure> for String {
    fn from(measure: Measure) -> String {
        measure.code()
    }
}

/// Amounts used, or the delta of one settlement. Counts and fen share one table; zero is never stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Accumulators(BTreeMap<Measure, i64>);

impl Accumulators {
    /// Nothing used.
    pub fn new() -> Accumulators {
        Accumulators::default()
    }

    /// How much of a measure in fen.
    pub fn fen(&self, measure: &Measure) -> Fen {
        Fen(self.0.get(measure).copied().unwrap_or(0))
    }

    /// How many of a measure that is a count.
    pub fn count(&self, measure: &Measure) -> i64 {
        self.0.get(measure).copied().unwrap_or(0)
    }

    /// Adds to one measure.
    pub fn add(&mut self, measure: Measure, amount: i64) {
        let total = self.0.entry(measure.clone()).or_insert(0);
        *total = total.checked_add(amount).expect("an accumulator left the range of i64");
        if *total == 0 {
            self.0.remove(&measure);
        }
    }

    /// Adds an amount of money to one measure.
    pub fn add_fen(&mut self, measure: Measure, amount: Fen) {
        self.add(measure, amount.0);
    }

    /// What stands after this delta.
    pub fn plus(&self, delta: &Accumulators) -> Accumulators {
        let mut sum = self.clone();
        for (measure, amount) in &delta.0 {
            sum.add(measure.clone(), *amount);
        }
        sum
    }

    /// The exact opposite, for a reversal.
    pub fn opposite(&self) -> Accumulators {
        Accumulators(self.0.iter().map(|(measure, amount)| (measure.clone(), -amount)).collect())
    }

    /// Every measure that is not zero, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&Measure, i64)> {
        self.0.iter().map(|(measure, amount)| (measure, *amount))
    }
}

impl FromIterator<(Measure, i64)> for Accumulators {
    fn from_iter<I: IntoIterator<Item = (Measure, i64)>>(amounts: I) -> Accumulators {
        let mut accumulators = Accumulators::new();
        for (measure, amount) in amounts {
            accumulators.add(measure, amount);
        }
        accumulators
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_and_its_opposite_leave_nothing() {
        let chronic = Measure::ChronicPool(DiseaseCode::new("M03900").expect("a code"));
        let delta: Accumulators = [(Measure::Admissions, 1), (chronic.clone(), 12_345)].into_iter().collect();
        let before: Accumulators = [(Measure::InpatientPool, 7)].into_iter().collect();
        assert_eq!(before.plus(&delta).plus(&delta.opposite()), before);
        assert_eq!(Measure::of_code(&chronic.code()), Some(chronic));
    }
}
