//! The words of a step, and how a cut through a ladder is told.

use super::Bilingual;

/// A sentence in both languages, on its way into a step.
pub(super) struct Words {
    pub zh: String,
    pub en: String,
}

impl From<Words> for Bilingual {
    fn from(words: Words) -> Bilingual {
        Bilingual { zh: words.zh, en: words.en }
    }
}

/// Makes both sentences from the same amounts.
macro_rules! words {
    ($zh:literal, $en:literal $(, $name:pat = $value:expr)* $(,)?) => {{
        $(let $name = $value;)*
        $crate::adjudication::explanation::Words { zh: format!($zh), en: format!($en) }
    }};
}
pub(super) use words;
